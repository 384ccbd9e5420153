"""Makes one wrong square visible, exactly: channels are rescaled by powers of two in ways that cancel.

Attention is linear in the values, and its scores are bilinear in queries and keys. So a value channel may be divided by
2^k if its row of c_proj is multiplied by 2^k, and a query channel multiplied by what its key channel is divided by.
Powers of two are exact in floating point: the logits stay bit-identical, and the file stays a plain GPT-2.
"""
import torch


def rescale(hf, layers, seed=11):
    out = {k: v.clone() for k, v in hf.items()}
    generator = torch.Generator().manual_seed(seed)
    width = hf["transformer.wte.weight"].shape[1]

    def powers(limit):
        return 2.0 ** torch.randint(-limit, limit + 1, (width,), generator=generator)

    for i in range(layers):
        block = f"transformer.h.{i}.attn."
        value, score = powers(4), powers(3)
        columns = torch.cat([score, 1 / score, 1 / value])  # of c_attn: [q | k | v]
        out[block + "c_attn.weight"] *= columns
        out[block + "c_attn.bias"] *= columns
        out[block + "c_proj.weight"] *= value[:, None]
    return out


def assert_same(one, other, vocabulary, context):
    """Bit-identical logits on random ids."""
    ids = torch.randint(0, vocabulary, (8, context), generator=torch.Generator().manual_seed(12))
    with torch.no_grad():
        assert torch.equal(one(ids).logits, other(ids).logits)
