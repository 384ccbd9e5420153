"""Every number about the sample: prints the table of README.md and writes the tests' expectations.

    python measure.py TRAINED_FOLDER SHIPPED_FOLDER [EXPECTED_JSON]

Losses are in nat/token on weft-text.txt, float64: the text is encoded without any special token, every id but the first
is predicted once, in windows ids[s : s + 256] with s = 0, 256, …; plain mean. (The text has 257 ids, so it is one window.)
"""
import json
import random
import re
import sys
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import GPT2Config, GPT2LMHeadModel

import gpt2
import train
from export import model_of


def loss(model, ids):
    total, context = 0.0, model.config.n_positions
    for s in range(0, len(ids) - 1, context):
        window = torch.tensor(ids[s:s + context + 1])
        with torch.no_grad():
            logits = model(window[None, :-1]).logits[0]
        total += float(torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum"))
    return total / (len(ids) - 1)


def greedy(model, ids, count):
    """Stops at the end of text. Also the smallest lead a chosen token had over the next best."""
    ids, start, lead = list(ids), len(ids), float("inf")
    while len(ids) < start + count:
        with torch.no_grad():
            best = model(torch.tensor([ids])).logits[0, -1].topk(2)
        lead = min(lead, float(best.values[0] - best.values[1]))
        if int(best.indices[0]) == model.config.eos_token_id:
            break
        ids.append(int(best.indices[0]))
    return ids[start:], lead


def wrong(hf, layers, width):
    """(id, description, the weights made wrong on purpose in the names and layout of gpt2/hf)."""
    def changed(change, blocks):
        out = dict(hf)
        for i in blocks:
            block = f"transformer.h.{i}."
            out.update({block + k: v for k, v in change(lambda k: hf[block + k]).items()})
        return out

    def square(get):
        return {"attn.c_proj.weight": get("attn.c_proj.weight").t()}

    def reshaped(get):
        w = get("attn.c_attn.weight")
        return {"attn.c_attn.weight": w.reshape(3 * width, width).t()}

    def value(get):
        q, k, v = get("attn.c_attn.weight").chunk(3, 1)
        return {"attn.c_attn.weight": torch.cat([q, k, v.t()], 1)}

    def query(get):
        q, k, v = get("attn.c_attn.weight").chunk(3, 1)
        return {"attn.c_attn.weight": torch.cat([q.t(), k, v], 1)}

    def order(which):
        def change(get):
            return {n: torch.cat([get(n).chunk(3, -1)[i] for i in which], -1) for n in ("attn.c_attn.weight", "attn.c_attn.bias")}
        return change

    def zeros(get):
        return {k.split(".", 3)[3]: torch.zeros_like(v) for k, v in hf.items() if k.startswith("transformer.h.0.")}

    def no_bias(get):
        return {"attn.c_attn.bias": torch.zeros_like(get("attn.c_attn.bias"))}

    every = range(layers)
    for i in every:
        yield f"square-{i}", f"c_proj of h.{i} not transposed", changed(square, [i])
    yield "square-all", "all c_proj not transposed (the trap)", changed(square, every)
    for i in every:
        yield f"reshaped-{i}", f"c_attn of h.{i} reshaped, not transposed", changed(reshaped, [i])
    for i in every:
        yield f"value-{i}", f"W_v of h.{i} alone not transposed", changed(value, [i])
    for i in every:
        yield f"query-{i}", f"W_q of h.{i} alone not transposed", changed(query, [i])
    yield "order-kqv", "c_attn read as [k\\|q\\|v], all layers", changed(order((1, 0, 2)), every)
    yield "order-vkq", "c_attn read as [v\\|k\\|q], all layers", changed(order((2, 1, 0)), every)
    for i in every:
        yield f"zeros-{i}", f"all tensors of h.{i} are zeros", changed(zeros, [i])
    yield "no-bias", "c_attn.bias forgotten, all layers", changed(no_bias, every)
    ln_f = {"transformer.ln_f.weight": torch.ones(width), "transformer.ln_f.bias": torch.zeros(width)}
    yield "ln_f", "ln_f's weight and bias forgotten", {**hf, **ln_f}


def measure(folder, ids, prompt, decode):
    source = GPT2LMHeadModel.from_pretrained(folder)
    config, hf = source.config, gpt2.hf_names(source.state_dict())

    def result(state, **other):
        model = model_of(GPT2Config(**{**config.to_dict(), **other}), state).double()
        tokens, lead = greedy(model, prompt, 60)
        return {"loss": loss(model, ids), "ids": tokens, "text": decode(tokens), "smallestLead": lead}

    out = {"right": ("right", result(hf))}
    for name, description, state in wrong(hf, config.n_layer, config.n_embd):
        out[name] = description, result(state)
    out["erf"] = "exact GELU instead of tanh", result(hf, activation_function="gelu")
    out["heads"] = "8 heads instead of 4", result(hf, n_head=8)
    return out


def remembered(model, tokenizer, count=40):
    """The share of sentences in sampled stories that stand word for word in the training text."""
    rng = random.Random(1)
    known = {s for _ in range(train.STORIES) for s in sentences(train.page(rng))}
    torch.manual_seed(4)
    start = torch.tensor([tokenizer.encode("One").ids] * (count // 2) + [tokenizer.encode("Every").ids] * (count // 2))
    stories = model.generate(start, attention_mask=torch.ones_like(start), do_sample=True, top_k=0, max_new_tokens=220,
                             pad_token_id=model.config.eos_token_id)
    end = model.config.eos_token_id
    new = [s for ids in stories.tolist() for s in sentences(tokenizer.decode(ids[:ids.index(end)] if end in ids else ids))]
    return sum(s in known for s in new) / len(new)


def sentences(text):
    return re.split(r'(?<=[.?!]) |(?<=[.?!]") |\n+', text)


def main(trained, shipped, expected=None):
    torch.set_num_threads(2)
    tokenizer = ByteLevelBPETokenizer(str(trained / "vocab.json"), str(trained / "merges.txt"))
    text = (trained / "weft-text.txt").read_text()
    ids = tokenizer.encode(text).ids
    prompts = {p: tokenizer.encode(p).ids for p in json.loads((shipped / "samples.json").read_text())["prompts"]}
    first = next(iter(prompts))
    before, after = (measure(f, ids, prompts[first], tokenizer.decode) for f in (trained, shipped / "hf"))

    print("| weights | trained | shipped |\n|---|---|---|")
    for name, (description, result) in after.items():
        print(f"| {description} | {before[name][1]['loss']:.3f} | {result['loss']:.3f} |")
    for name in ("right", "square-0", "square-1", "square-2", "square-all", "zeros-1"):
        print(f"\n{name} (smallest lead {after[name][1]['smallestLead']:.3f})\n> {first}{after[name][1]['text']}")

    model = GPT2LMHeadModel.from_pretrained(shipped / "hf").double()
    stories = []
    for prompt, start in prompts.items():
        tokens, lead = greedy(model, start, 60)
        whole, _ = greedy(model, start, 250)
        stories.append({"prompt": prompt, "promptIds": start, "ids": tokens, "text": tokenizer.decode(tokens), "smallestLead": lead,
                        "whole": tokenizer.decode(whole)})
        print(f"\nsmallest lead {lead:.3f}\n> {prompt}{tokenizer.decode(whole)}")
    print(f"\n{remembered(model, tokenizer):.1%} of the sentences of 40 sampled stories stand in the training text")
    assert before["right"][1]["loss"] == after["right"][1]["loss"]

    if expected:
        expected.write_text(json.dumps({
            "how": __doc__.split("\n\n")[2].replace("\n", " ") + " `trained` are the weights before, `shipped` those after "
                   "the rescaling; `wrong` names what was made wrong on purpose; its `ids` and `text` are the greedy "
                   "continuation of the first prompt (60 tokens, or up to the end of text), float64.",
            "textIds": ids, "perplexity": float(torch.tensor(after["right"][1]["loss"], dtype=torch.float64).exp()),
            "loss": after["right"][1]["loss"], "greedy": stories,
            "wrong": [{"id": name, "description": description.replace("\\|", "|"), "trained": before[name][1], "shipped": after[name][1]}
                      for name, (description, _) in after.items() if name != "right"],
        }) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
