"""From records to a tuned model: LoRA on a LLaMA with DeepSpeed ZeRO-2, as in the paper (arXiv:2305.12720)."""
