"""Trains the sample: a byte-level BPE of 1000 tokens and a plain GPT-2 of 3 layers, on stories of grammar.py.

    python train.py OUT_FOLDER

Minutes on two cores. Writes a Hugging Face folder with weft-text.txt, the held-out text. Threads are not
bit-reproducible between machines, so the trained file is committed and everything shipped is written from it.
"""
import json
import math
import random
import sys
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel

import grammar

VOCABULARY, CONTEXT, WIDTH, HEADS, LAYERS = 1000, 256, 128, 4, 3
STORIES, STEPS, BATCH, RATE, WARM_UP = 6000, 2400, 8, 3e-3, 60
END = "<|endoftext|>"


def page(rng):
    """A document: one story, or now and then two with an empty line between."""
    stories = 2 if rng.random() < 0.25 else 1
    return "\n\n".join(grammar.story(rng) for _ in range(stories))


def make_tokenizer(pages):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(pages, trainers.BpeTrainer(
        vocab_size=VOCABULARY - 1, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens([END])
    assert tokenizer.token_to_id(END) == VOCABULARY - 1
    assert len(tokenizer.encode("Every effort moves you").ids) == 4
    return tokenizer


def new_model():
    model = GPT2LMHeadModel(GPT2Config(
        n_layer=LAYERS, n_embd=WIDTH, n_head=HEADS, n_positions=CONTEXT, vocab_size=VOCABULARY,
        bos_token_id=VOCABULARY - 1, eos_token_id=VOCABULARY - 1, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0))
    for name, p in model.named_parameters():
        if p.dim() == 2:
            torch.nn.init.normal_(p, std=0.04)
    return model


def rate(step):
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / (STEPS - WARM_UP)))


def windows(pages):
    """[BATCH, CONTEXT + 1]: 70 % start where a page starts, the others anywhere."""
    ids, starts = [], []
    for p in pages:
        starts.append(len(ids))
        ids += p + [VOCABULARY - 1]
    ids, last = torch.tensor(ids), len(ids) - CONTEXT - 1
    starts = [s for s in starts if s <= last]
    rng = random.Random(5)
    while True:
        chosen = [rng.choice(starts) if rng.random() < 0.7 else rng.randint(0, last) for _ in range(BATCH)]
        yield torch.stack([ids[s:s + CONTEXT + 1] for s in chosen])


def loss_of(model, batch):
    logits = model(batch[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())


def held_out(tokenizer, seen):
    """Pages none of whose stories was trained on; and the fixed text: two such stories that fill one window exactly,
    with different heroes and friends."""
    rng = random.Random(99)
    pages = [p for p in (page(rng) for _ in range(400)) if seen.isdisjoint(p.split("\n\n"))]
    stories = [s for s in (grammar.story(rng) for _ in range(6000)) if s not in seen]
    lengths = [(s, len(tokenizer.encode("\n\n" + s).ids)) for s in stories if s.startswith("Every effort")]
    for first in (s for s in stories if s.startswith("Once")):
        rest = CONTEXT + 1 - len(tokenizer.encode(first).ids)
        for second in (s for s, n in lengths if n == rest):
            if not any(name in first and name in second for name in [*grammar.HEROES, *grammar.FRIENDS]):
                return pages, first + "\n\n" + second


def main(out):
    torch.set_num_threads(2)
    torch.manual_seed(1)
    rng = random.Random(1)
    pages = [page(rng) for _ in range(STORIES)]
    tokenizer = make_tokenizer(pages)
    new, fixed = held_out(tokenizer, {s for p in pages for s in p.split("\n\n")})
    test = [w for _, w in zip(range(12), windows([tokenizer.encode(p).ids for p in new]))]
    print(f"{sum(map(len, pages))} characters, {len(new)} held-out pages\n\n{fixed}\n", flush=True)

    model = new_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    start = time.time()
    for step, batch in zip(range(STEPS), windows([tokenizer.encode(p).ids for p in pages])):
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 0 or step == STEPS - 1:
            with torch.no_grad():
                other = sum(float(loss_of(model, w)) for w in test) / len(test)
            print(f"step {step:5} {time.time() - start:4.0f} s   training {loss:.3f}   held out {other:.3f}", flush=True)

    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    (out / "generation_config.json").unlink()
    tokenizer.model.save(str(out))  # vocab.json, merges.txt
    vocabulary = tokenizer.get_vocab()  # with the end of text, which belongs to the tokenizer and not to its BPE
    (out / "vocab.json").write_text(json.dumps(dict(sorted(vocabulary.items(), key=lambda e: e[1])), ensure_ascii=True) + "\n")
    (out / "weft-text.txt").write_text(fixed)  # no line end: the text ends where the story ends


if __name__ == "__main__":
    main(Path(sys.argv[1]))
