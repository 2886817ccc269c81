package dev.muster.batch.spi;

import java.nio.file.Path;
import java.time.Instant;

/**
 * Where a credential was found and how long it is valid; never the credential itself.
 *
 * <p>Immutable and thread-safe.
 *
 * @param source where it comes from, for people: the path of its file, or {@code the variable BEARER_TOKEN}
 * @param path the file that holds it, absolute, which only its owner may read. A file within
 *     {@link CredentialContext#directory()} is taken as it is; of any other a copy is made, again whenever it changes
 * @param expires when it ends
 * @since 0.1
 */
public record Credential(String source, Path path, Instant expires) {}
