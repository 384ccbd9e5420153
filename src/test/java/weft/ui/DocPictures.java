package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

/**
 * The pictures of the window in the documents: copies of the gallery's, of the same name, with 256 colours to keep them small.
 * {@code mvn -P gallery verify -Dweft.docs.write=true} takes them anew.
 */
final class DocPictures {
    private static final Path FOLDER = Path.of("src/site/resources/images");
    private static final int COLOURS = 256;
    /** How many of the commonest colours stay as they are. */
    private static final int OWN = 64;

    private DocPictures() {
    }

    /** Each has its original; where it is asked for, they are made again. */
    static void checkOrWrite(Path gallery) throws IOException {
        List<Path> shown;
        try (Stream<Path> files = Files.list(FOLDER)) {
            shown = files.filter(f -> f.toString().endsWith(".png")).toList();
        }
        assertThat(shown).isNotEmpty();
        for (var picture : shown) {
            var original = gallery.resolve(picture.getFileName());
            assertThat(original).as("the gallery makes what the documents show").isRegularFile();
            var image = ImageIO.read(original.toFile());
            if (Boolean.getBoolean("weft.docs.write")) {
                Files.write(picture, small(image));
            }
            var copy = ImageIO.read(picture.toFile());
            assertThat(List.of(copy.getWidth(), copy.getHeight())).as("%s", picture)
                    .isEqualTo(List.of(image.getWidth(), image.getHeight()));
        }
    }

    /** The picture with the colours that matter most, by median cut. */
    static byte[] small(BufferedImage image) throws IOException {
        var counts = new HashMap<Integer, Integer>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                counts.merge(image.getRGB(x, y) & 0xffffff, 1, Integer::sum);
            }
        }
        var boxes = new ArrayList<List<Integer>>();
        // Backgrounds lie close together and cover most of the picture: cut by spread alone they would all become white.
        var common = counts.keySet().stream().sorted(Comparator.comparingInt(counts::get).reversed()).limit(OWN)
                .toList();
        common.forEach(c -> boxes.add(new ArrayList<>(List.of(c))));
        var rest = new ArrayList<>(counts.keySet());
        rest.removeAll(new java.util.HashSet<>(common));
        if (!rest.isEmpty()) {
            boxes.add(rest);
        }
        while (boxes.size() < COLOURS) {
            var widest = boxes.stream().max(Comparator.comparingLong(b -> weight(b, counts))).orElseThrow();
            if (widest.size() < 2) {
                break;
            }
            boxes.remove(widest);
            int channel = longest(widest);
            widest.sort(Comparator.comparingInt(c -> c >> channel & 0xff));
            int cut = widest.size() / 2;
            boxes.add(new ArrayList<>(widest.subList(0, cut)));
            boxes.add(new ArrayList<>(widest.subList(cut, widest.size())));
        }
        var palette = new int[boxes.size()];
        var nearest = new HashMap<Integer, Integer>();
        for (int i = 0; i < palette.length; i++) {
            // Its commonest colour, not the mean: backgrounds and lines keep theirs exactly.
            palette[i] = boxes.get(i).stream().max(Comparator.comparingInt(counts::get)).orElseThrow();
            for (int colour : boxes.get(i)) {
                nearest.put(colour, i);
            }
        }
        var model = new IndexColorModel(8, palette.length, palette, 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE);
        var indexed = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, model);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                indexed.getRaster().setSample(x, y, 0, nearest.get(image.getRGB(x, y) & 0xffffff));
            }
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(indexed, "png", bytes);
        return bytes.toByteArray();
    }

    private static int longest(List<Integer> box) {
        int best = 0;
        int width = -1;
        for (int channel : new int[]{16, 8, 0}) {
            int low = box.stream().mapToInt(c -> c >> channel & 0xff).min().orElseThrow();
            int high = box.stream().mapToInt(c -> c >> channel & 0xff).max().orElseThrow();
            if (high - low > width) {
                width = high - low;
                best = channel;
            }
        }
        return best;
    }

    /** How wrong a box would look: how far its colours lie apart, and a little how often they are there. */
    private static long weight(List<Integer> box, HashMap<Integer, Integer> counts) {
        if (box.size() < 2) { return 0; }
        int channel = longest(box);
        int low = box.stream().mapToInt(c -> c >> channel & 0xff).min().orElseThrow();
        int high = box.stream().mapToInt(c -> c >> channel & 0xff).max().orElseThrow();
        long many = box.stream().mapToLong(counts::get).sum();
        return (long) (high - low) * (high - low) * (long) (1 + Math.log(many));
    }
}
