package weft.name;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class NameIndexTest {
    @Test
    void finds_what_trying_every_name_finds_in_the_same_order() {
        var random = new Random(7);
        var words = List.of("h", "norm1", "norm", "attn", "w", "0", "7", "07", "12", "block2x", "a3");
        var names = new ArrayList<>(
                List.of("h.0.w", "h.10.w", "h.01.w", "h.3.norm1", "h.2.norm2", "a1.2", "h1", "h12"));
        for (int i = 0; i < 4000; i++) {
            var name = new StringBuilder();
            for (int part = 0; part <= random.nextInt(4); part++) {
                name.append(name.isEmpty() ? "" : random.nextBoolean() ? "." : "/")
                        .append(words.get(random.nextInt(words.size())));
            }
            if (!names.contains(name.toString())) {
                names.add(name.toString());
            }
        }
        var index = new NameIndex(names);
        for (var text : List.of("h.{i}.w", "h.{i}.norm{j}", "{i}", "h{i}", "norm1", "h.norm{n:1|2}.w", "{*}.w",
                "{a}.{b}",
                "{...r}", "h.{i}.{i}", "block{i}x.w", "h.{i+1}.w", "a{i}.{j}", "{i}.{j}.{k}", "h.0", "h.{i}2")) {
            Pattern pattern;
            try {
                pattern = Pattern.parse(text);
            } catch (Pattern.SyntaxException e) {
                continue;
            }
            var expected = names.stream().filter(n -> pattern.match(n).isPresent()).toList();
            assertThat(index.find(pattern)).as(text).extracting(NameIndex.Found::name).isEqualTo(expected);
            index.find(pattern).forEach(f -> assertThat(f.captures()).isEqualTo(pattern.match(f.name()).orElseThrow()));
        }
        assertThat(index.find(Pattern.parse("h.{i}.w"))).isNotEmpty();
    }
}
