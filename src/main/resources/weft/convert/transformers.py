
    from transformers.conversion_mapping import register_checkpoint_conversion_mapping
    register_checkpoint_conversion_mapping("MODEL_TYPE", CONVERSIONS, overwrite=True)

and from_pretrained reads the checkpoint as it is. MODEL_TYPE is what config.json says.
"""
import torch
from transformers.core_model_loading import ConversionOps, WeightConverter, WeightRenaming


class Steps(ConversionOps):
    """Runs a function of the source tensors, in the converter's order; it returns the target tensors in theirs."""

    def __init__(self, function):
        self.function = function

    @torch.no_grad
    def convert(self, input_dict, source_patterns, target_patterns, **kwargs):
        tensors = [input_dict[p][0] if isinstance(input_dict[p], list) else input_dict[p] for p in source_patterns]
        return dict(zip(target_patterns, [t.contiguous() for t in self.function(*tensors)]))


