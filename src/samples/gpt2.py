"""GPT-2 written as textbooks do, and the same weights in every dialect Weft speaks.

A state dict of transformers' GPT2LMHeadModel (Conv1D: y = xW + b, weights are [in, out]) is the hub:

    linear(hf)       hf-linear      same names, nn.Linear layout [out, in]  (nanoGPT)
    split(hf)        scratch-split  GPTModel with W_query, W_key, W_value
    fused(hf)        scratch-fused  GPTModel with W_qkv

Values are only moved, never calculated with: the results are bit-equal transposes and pieces.
"""
import torch
from torch import nn

SQUARE = "attn.c_proj.weight"
CONV1D = ("attn.c_attn.weight", SQUARE, "mlp.c_fc.weight", "mlp.c_proj.weight")


class LayerNorm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.pow(2).mean(-1, keepdim=True)
        return self.scale * centred / torch.sqrt(variance + self.eps) + self.shift


class GELU(nn.Module):
    """The tanh approximation, as GPT-2 has it."""

    def forward(self, x):
        return nn.functional.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        return self.layers(x)


class Attention(nn.Module):
    def __init__(self, cfg, fused):
        super().__init__()
        width, context = cfg["emb_dim"], cfg["context_length"]
        self.heads = cfg["n_heads"]
        if fused:
            self.W_qkv = nn.Linear(width, 3 * width, bias=cfg["qkv_bias"])
        else:
            self.W_query = nn.Linear(width, width, bias=cfg["qkv_bias"])
            self.W_key = nn.Linear(width, width, bias=cfg["qkv_bias"])
            self.W_value = nn.Linear(width, width, bias=cfg["qkv_bias"])
        self.out_proj = nn.Linear(width, width)
        self.register_buffer("mask", torch.triu(torch.ones(context, context), diagonal=1))

    def forward(self, x):
        batch, tokens, width = x.shape
        if hasattr(self, "W_qkv"):
            parts = self.W_qkv(x).split(width, dim=-1)
        else:
            parts = self.W_query(x), self.W_key(x), self.W_value(x)
        # [batch, heads, tokens, width / heads]
        q, k, v = (p.view(batch, tokens, self.heads, -1).transpose(1, 2) for p in parts)
        scores = q @ k.transpose(2, 3) / (width // self.heads) ** 0.5
        scores = scores.masked_fill(self.mask[:tokens, :tokens].bool(), float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, width)
        return self.out_proj(mixed)


class TransformerBlock(nn.Module):
    def __init__(self, cfg, fused):
        super().__init__()
        self.att = Attention(cfg, fused)
        self.ff = FeedForward(cfg["emb_dim"])
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])

    def forward(self, x):
        x = x + self.att(self.norm1(x))
        return x + self.ff(self.norm2(x))


class GPTModel(nn.Module):
    """cfg: vocab_size, context_length, emb_dim, n_heads, n_layers, drop_rate, qkv_bias."""

    def __init__(self, cfg, fused=False):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.Sequential(*[TransformerBlock(cfg, fused) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.head = "out_linear" if fused else "out_head"
        self.add_module(self.head, nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False))

    def forward(self, ids):
        x = self.tok_emb(ids) + self.pos_emb(torch.arange(ids.shape[1]))
        return getattr(self, self.head)(self.final_norm(self.trf_blocks(x)))


def textbook_config(config, qkv_bias=True):
    """A transformers GPT2Config as the textbook's dict."""
    return {"vocab_size": config.vocab_size, "context_length": config.n_positions, "emb_dim": config.n_embd,
            "n_heads": config.n_head, "n_layers": config.n_layer, "drop_rate": 0.0, "qkv_bias": qkv_bias}


def hf_names(state):
    """Only what a checkpoint needs: no head (tied), no mask buffers."""
    return {k: v.detach().clone() for k, v in state.items()
            if k != "lm_head.weight" and not k.endswith((".attn.bias", ".attn.masked_bias"))}


def linear(hf):
    out = {k: v.t().contiguous() if k.endswith(CONV1D) else v.clone() for k, v in hf.items()}
    out["lm_head.weight"] = out["transformer.wte.weight"]
    return out


def shapes_only(hf):
    """The trap: what complained about its shape was transposed, the square attn.c_proj was not."""
    return {k: v.t().contiguous() if k.endswith(CONV1D) and not k.endswith(SQUARE) else v.clone()
            for k, v in hf.items()}


def _scratch(hf, attention):
    out = {"tok_emb.weight": hf["transformer.wte.weight"].clone(), "pos_emb.weight": hf["transformer.wpe.weight"].clone(),
           "final_norm.scale": hf["transformer.ln_f.weight"].clone(), "final_norm.shift": hf["transformer.ln_f.bias"].clone()}
    for i in range(sum(k.endswith("attn.c_attn.weight") for k in hf)):
        source, block = f"transformer.h.{i}.", f"trf_blocks.{i}."
        out.update({block + "att." + k: v for k, v in
                    attention(hf[source + "attn.c_attn.weight"], hf[source + "attn.c_attn.bias"]).items()})
        for ours, theirs in (("att.out_proj", "attn.c_proj"), ("ff.layers.0", "mlp.c_fc"), ("ff.layers.2", "mlp.c_proj")):
            out[block + ours + ".weight"] = hf[source + theirs + ".weight"].t().contiguous()
            out[block + ours + ".bias"] = hf[source + theirs + ".bias"].clone()
        for n in "12":
            out[f"{block}norm{n}.scale"] = hf[f"{source}ln_{n}.weight"].clone()
            out[f"{block}norm{n}.shift"] = hf[f"{source}ln_{n}.bias"].clone()
    return out


def split(hf):
    def attention(w, b):
        names = ("W_query", "W_key", "W_value")
        out = {n + ".weight": p.t().contiguous() for n, p in zip(names, w.chunk(3, dim=1))}
        out.update({n + ".bias": p.clone() for n, p in zip(names, b.chunk(3))})
        return out
    out = _scratch(hf, attention)
    out["out_head.weight"] = hf["transformer.wte.weight"].clone()
    return out


def fused(hf):
    out = _scratch(hf, lambda w, b: {"W_qkv.weight": w.t().contiguous(), "W_qkv.bias": b.clone()})
    out["out_linear.weight"] = hf["transformer.wte.weight"].clone()
    return out


def load_scratch(cfg, state, fused=False):
    """A GPTModel in evaluation mode that holds exactly this state (masks are its own)."""
    model = GPTModel(cfg, fused)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("att.mask") for k in missing), (missing, unexpected)
    return model.eval()
