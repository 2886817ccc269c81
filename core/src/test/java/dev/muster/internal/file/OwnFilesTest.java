package dev.muster.internal.file;

import static dev.muster.internal.file.OtherUser.permissions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class OwnFilesTest {
  @TempDir
  Path folder;

  @Test
  void makesFoldersAndFilesThatOthersCannotWrite() throws Exception {
    Path made = OwnFiles.folder(folder.resolve("a/b/c"));
    assertThat(permissions(made)).matches("rwx[r-]-[x-][r-]-[x-]");
    assertThat(permissions(made.getParent())).matches("rwx[r-]-[x-][r-]-[x-]");
    assertThat(permissions(OwnFiles.write(made.resolve("text"), "é"))).matches("rw-[r-]--[r-]--");
    assertThat(made.resolve("text")).hasContent("é");
    assertThat(permissions(OwnFiles.secretFolder(made.resolve("secret")))).isEqualTo("rwx------");
    byte[] key = "key".getBytes(StandardCharsets.UTF_8);
    assertThat(permissions(OwnFiles.writeSecret(made.resolve("key"), key))).isEqualTo("rw-------");
    assertThat(permissions(OwnFiles.writeProgram(made.resolve("program"), "#!/bin/sh\n")))
        .isEqualTo("rwx------");
    assertThat(permissions(OwnFiles.root("run directory", folder.resolve("x/run"))))
        .matches("rwx[r-]-[x-][r-]-[x-]");
  }

  @Test
  void makesFilesNewAndFollowsNoLink() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "precious");
    Path link = Files.createSymbolicLink(folder.resolve("plan.yaml"), victim);
    OwnFiles.write(link, "plan");
    assertThat(victim).hasContent("precious");
    assertThat(Files.isSymbolicLink(link)).isFalse();
    Files.delete(link);
    Files.createSymbolicLink(link, folder.resolve("nowhere"));
    assertThatThrownBy(() -> OwnFiles.newFile(link)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("nowhere")).doesNotExist();
  }

  @Test
  void refusesALinkInPlaceOfAFolder() throws Exception {
    Path victim = Files.createDirectory(folder.resolve("victim"));
    Files.writeString(victim.resolve("precious"), "");
    Path link = Files.createSymbolicLink(folder.resolve("link"), victim);
    assertThatThrownBy(() -> OwnFiles.folder(link)).hasMessageContaining("symbolic link");
    assertThatThrownBy(() -> OwnFiles.secretFolder(link)).hasMessageContaining("symbolic link");
    OwnFiles.emptyFolder(link);
    assertThat(victim).isDirectoryContaining("glob:**precious");
    assertThat(Files.isSymbolicLink(link)).isFalse();
  }

  @Test
  void closesAnOwnFolderThatOthersMayWrite() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    permissions(open, "rwxrwxrwx");
    OwnFiles.root("run directory", open);
    assertThat(permissions(open)).isEqualTo("rwxr-xr-x");
    permissions(open, "rwxrwx---");
    OwnFiles.folder(open);
    assertThat(permissions(open)).isEqualTo("rwxr-x---");
  }

  @Test
  void takesAnOwnLinkToAFolderThatSomebodyChose() throws Exception {
    Path real = Files.createDirectory(folder.resolve("scratch"));
    Path link = Files.createSymbolicLink(folder.resolve("runs"), real);
    assertThat(OwnFiles.root("run directory", link)).isEqualTo(link);
    OwnFiles.root("run directory", link.resolve("one"));
    assertThat(real.resolve("one")).isDirectory();
  }

  @Test
  void refusesTheTemporaryFolderItself() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.setAttribute(shared, "unix:mode", 01777, LinkOption.NOFOLLOW_LINKS);
    assertThatThrownBy(() -> OwnFiles.root("run directory", shared))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("everybody puts files there; choose a folder in it");
    OwnFiles.root("run directory", shared.resolve("mine"));
    assertThat(shared.resolve("mine")).isDirectory();
  }

  @Test
  void refusesAFolderOfAnotherUser() throws Exception {
    Path other = OtherUser.gets(Files.createDirectory(folder.resolve("other")));
    assertThatThrownBy(() -> OwnFiles.root("run directory", other))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot use the run directory " + other.toRealPath())
        .hasMessageContaining("belongs to user number " + OtherUser.NUMBER);
    assertThatThrownBy(() -> OwnFiles.folder(other)).hasMessageContaining("belongs to user number");
    assertThatThrownBy(() -> OwnFiles.secretFolder(other))
        .hasMessageContaining("belongs to user number");
  }

  @Test
  void refusesALinkOfAnotherUserOnTheWay() throws Exception {
    Path mine = Files.createDirectory(folder.resolve("mine"));
    Path link = OtherUser.gets(Files.createSymbolicLink(folder.resolve("link"), mine));
    assertThatThrownBy(() -> OwnFiles.root("run directory", link))
        .hasMessageContaining(link + " is a symbolic link of user number " + OtherUser.NUMBER);
    assertThatThrownBy(() -> OwnFiles.root("run directory", link.resolve("run")))
        .hasMessageContaining("symbolic link of user");
    assertThat(mine).isEmptyDirectory();
  }

  @Test
  void refusesAParentOfAnotherUserThatMoreMayWrite() throws Exception {
    Path parent = OtherUser.gets(Files.createDirectory(folder.resolve("parent")));
    permissions(parent, "rwxrwxrwx");
    assertThatThrownBy(() -> OwnFiles.root("run directory", parent.resolve("a/run")))
        .hasMessageContaining("the folder " + parent.toRealPath() + " belongs to user number")
        .hasMessageContaining("chmod +t");
    assertThat(parent).isEmptyDirectory();
    Files.setAttribute(parent, "unix:mode", 01777, LinkOption.NOFOLLOW_LINKS);
    assertThat(OwnFiles.root("run directory", parent.resolve("run"))).isDirectory();
  }

  @Test
  void refusesWhatAnotherUserOrALinkLeftThere() throws Exception {
    Path stage = OwnFiles.folder(folder.resolve("stage"));
    Path nested = OwnFiles.folder(stage.resolve("data.0"));
    Path outputs = OwnFiles.folder(nested.resolve("outputs"));
    Files.createSymbolicLink(outputs.resolve("link"), folder); // deleted, not followed
    permissions(nested, "rwxrwxrwx");
    OwnFiles.checkAll(stage);
    assertThat(permissions(nested)).isEqualTo("rwxr-xr-x");
    Path link = Files.createSymbolicLink(nested.resolve("stdout"), folder.resolve("victim"));
    assertThatThrownBy(() -> OwnFiles.checkAll(stage))
        .hasMessageContaining(link + " is a symbolic");
    assertThatThrownBy(() -> OwnFiles.checkAll(link)).hasMessageContaining(link + " is a symbolic");
    Files.delete(link);
    Path foreign = OtherUser.gets(Files.writeString(nested.resolve("stdout"), ""));
    assertThatThrownBy(() -> OwnFiles.checkAll(stage))
        .hasMessageContaining(foreign + " belongs to user number " + OtherUser.NUMBER);
  }
}
