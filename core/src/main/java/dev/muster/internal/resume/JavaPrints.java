package dev.muster.internal.resume;

import com.google.common.base.Splitter;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes of Java code: the file of a class by content, the other files of the class path by size and time. Classes are
 * loaded once, so each file is looked at once for each class loader. Not thread-safe.
 */
final class JavaPrints {
  private static final Logger log = LoggerFactory.getLogger(JavaPrints.class);

  private static final Splitter PATHS = Splitter.on(File.pathSeparatorChar).omitEmptyStrings();

  // A new loader may load other content of the same file.
  private static final Map<ClassLoader, Map<Path, String>> KNOWN = new WeakHashMap<>();
  private static @Nullable String path;

  private final FileStates files;

  JavaPrints(FileStates files) {
    this.files = files;
  }

  /**
   * Returns the hash of the file that a class comes from, and of what its loader has beside; null if that is not known.
   */
  @Nullable
  String of(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    if (loader == ClassLoader.getSystemClassLoader()) {
      return file(type, loader);
    }
    if (!(loader instanceof URLClassLoader own)) {
      return null;
    }
    String code = file(type, loader);
    Hasher hasher = new Hasher().add(code);
    for (URL each : own.getURLs()) {
      String hash = code(each, loader);
      if (hash == null) {
        return null;
      }
      hasher.add(each.toString()).add(hash);
    }
    return code == null ? null : hasher.text();
  }

  private @Nullable String file(Class<?> type, ClassLoader loader) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL place = source == null ? null : source.getLocation();
    return place == null ? null : code(place, loader);
  }

  private @Nullable String code(URL place, ClassLoader loader) {
    if (!"file".equals(place.getProtocol())) {
      return null;
    }
    try {
      Path file = Path.of(place.toURI());
      synchronized (KNOWN) {
        return KNOWN
            .computeIfAbsent(loader, absent -> new HashMap<>())
            .computeIfAbsent(file, files::code);
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      log.debug("no file: {}", place, e);
      return null;
    }
  }

  /** Returns the hash of all that the class path and the module path name, and of the Java that runs. */
  String path() {
    synchronized (KNOWN) {
      String made = path;
      if (made != null) {
        return made;
      }
      Set<String> all = new LinkedHashSet<>();
      for (String property : new String[] {"java.class.path", "jdk.module.path"}) {
        PATHS.split(System.getProperty(property, "")).forEach(all::add);
      }
      Hasher hasher = new Hasher();
      hasher.add(System.getProperty("java.vm.version")).add(all.size());
      for (String each : all) {
        hasher.add(each).add(files.change(Path.of(each).toAbsolutePath()));
      }
      made = hasher.text();
      path = made;
      return made;
    }
  }

  /**
   * Returns the hash of an object of the user's: of what it is serialised to, or of its class if it has no fields.
   *
   * @return null if nothing tells for certain what it does
   */
  static @Nullable String object(Object object) {
    if (object instanceof Serializable) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(object);
      } catch (IOException | RuntimeException e) {
        log.debug("{} cannot be serialised", object.getClass(), e);
        return null;
      }
      return new Hasher().add(bytes.toByteArray(), 0, bytes.size()).text();
    }
    Class<?> type = object.getClass();
    return type.isHidden() || type.isSynthetic() || hasFields(type)
        ? null
        : new Hasher().add(type.getName()).text();
  }

  private static boolean hasFields(Class<?> type) {
    for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          return true;
        }
      }
    }
    return false;
  }
}
