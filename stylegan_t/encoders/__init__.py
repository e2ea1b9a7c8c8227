"""Text towers, tokens, CLIP, vision transformers, and the files that they are read from.

`text` is the demo's tower, `clip_tower` and `clip_tokens` are CLIP's; `towers` opens one by name
or file.  `vit` is the plain transformer behind `features`; `hub_files` alone may use the network.
"""
