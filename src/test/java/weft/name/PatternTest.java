package weft.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternTest {

    @ParameterizedTest
    @CsvSource(delimiter = ' ', nullValues = "-", quoteCharacter = '^', value = {
            "model/h{i}/attn/c_attn/w  model/h11/attn/c_attn/w  i=11",
            "model/h{i}/ln_{n:1|2}/g   model/h0/ln_2/g          i=0,n=2",
            "model/h{i}/ln_{n:1|2}/g   model/h0/ln_3/g          -",
            "h{i}                      h01                      -",
            "h{i}                      h0                       i=0",
            "h{i}                      h123456789012345678      i=123456789012345678",
            "h{i}                      h1234567890123456789     -",
            "h{i}                      h\u0661                  -",
            "h{i+1}                    h3                       i=2",
            "h{i+1}                    h0                       -",
            "h{i-2}                    h0                       i=2",
            "{x}.weight                a.b.weight               -",
            "{x}.weight                ab.weight                x=ab",
            "{x}.weight                .weight                  -",
            "{rest**}                  a/b.c                    rest=a/b.c",
            "Adam/{rest**}             Adam/                    rest=",
            "{a}_{b}                   q_k_v                    a=q,b=k_v",
            "{x}.{x}                   ab.ab                    x=ab",
            "{x}.{x}                   ab.ac                    -",
            "{a}_{a}                   x_y_x_y                  a=x_y",
            "{n:1|12}-{m:2|3}          12-2                     n=12,m=2",
            "{n:ab|a}b{m:b|c}          abb                      n=a,m=b",
            "{layer:int}.w             7.w                      layer=7",
            "{{{i}}}                   {7}                      i=7",
            "re:h(?<i>[0-9]+).(?<s>w|b) h12.b                   i=12,s=b",
            "re:h[0-9]                 h12                      -",
            "{}re:x                    re:x                     ^^"})
    void matches_whole_names(String line) {
        var words = line.split(" +");
        var captures = Pattern.parse(words[0]).match(words[1]);
        if (words[2].equals("-")) {
            assertThat(captures).isEmpty();
        } else {
            var expected = new HashMap<String, String>();
            for (var pair : words[2].split(",")) {
                var sides = pair.split("=", 2);
                expected.put(sides[0], sides[1]);
            }
            assertThat(captures).contains(expected);
        }
    }
}
