"""Text towers, tokens, CLIP, vision transformers, and the files that they are read from."""
