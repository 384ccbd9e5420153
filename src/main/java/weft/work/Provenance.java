package weft.work;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.plan.Reason;
import weft.rule.RuleSet;

/**
 * Where something came from, to be written into it: names and hashes of the sources, a hash of the rules, Weft's version.
 * No time, no path and no user, so that the same input makes the same bytes on every machine.
 */
final class Provenance {
    private static final String VERSION = Version.text();
    private static final int CHUNK = 256 << 10;

    private Provenance() {
    }

    /**
     * As metadata of a checkpoint: {@code weft.version}, {@code weft.source}, {@code weft.rules}.
     *
     * @param hash whether to read the sources for their SHA-256; without, their names stand alone
     */
    static Map<String, String> metadata(Model source, RuleSet rules, boolean hash, Progress progress)
            throws CheckpointException {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("weft.version", VERSION);
        metadata.put("weft.source", sources(source, hash, progress).entrySet().stream()
                .map(e -> e.getValue().isEmpty() ? e.getKey() : e.getKey() + " sha256:" + e.getValue())
                .collect(Collectors.joining(", ")));
        if (!rules.rules().isEmpty()) {
            var plain = new RuleSet(rules.name(), rules.source(), rules.target(), rules.dims(), rules.others(),
                    rules.rules(), Map.of());
            metadata.put("weft.rules", "sha256:" + hex(digest(
                    MemorySegment.ofArray(Workspace.text(plain, "rules.json").getBytes(StandardCharsets.UTF_8)),
                    Progress.NONE)));
        }
        return metadata;
    }

    /** As the {@code provenance} of a rule file; what the rules brought with them is kept. */
    static RuleSet of(RuleSet rules, Model source, Progress progress) throws CheckpointException {
        if (rules.provenance().keySet().stream().anyMatch(k -> !k.equals(Reason.KEY))) { return rules; }
        var provenance = new LinkedHashMap<String, Object>();
        provenance.put("weft", VERSION);
        provenance.put("sourceSha256", sources(source, true, progress));
        provenance.putAll(rules.provenance());
        return new RuleSet(rules.name(), rules.source(), rules.target(), rules.dims(), rules.others(), rules.rules(),
                provenance);
    }

    private static Map<String, String> sources(Model source, boolean hash, Progress progress)
            throws CheckpointException {
        var hashes = new LinkedHashMap<String, String>();
        for (Path path : source.files()) {
            var name = path.getFileName().toString();
            if (hash) {
                var file = SourceFile.open(path);
                hashes.put(name, hex(digest(file.segment(0, file.size()), progress)));
            } else {
                hashes.put(name, "");
            }
        }
        return hashes;
    }

    private static byte[] digest(MemorySegment bytes, Progress progress) throws CheckpointException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return SourceFile.guarded(() -> {
                var chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
                for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
                    progress.check();
                    int count = (int) Math.min(chunk.length, bytes.byteSize() - at);
                    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
                    digest.update(chunk, 0, count);
                }
                return digest.digest();
            });
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
