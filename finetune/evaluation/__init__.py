"""What ``finetune.evaluate`` measures, on which texts, and how sure the figures are."""
