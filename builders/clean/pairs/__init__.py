"""Translation pairs: how likely two sides say the same, and which language a side is in."""
