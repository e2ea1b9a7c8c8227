"""The latent panel: seeds, their map, travelling, wandering, components.

`panel` draws it; `seed_map` is the plane of seeds, `travel_tool` the drag on the picture.
"""
