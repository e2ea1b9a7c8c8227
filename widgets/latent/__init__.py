"""The latent panel: seeds, their map, travelling, wandering, components."""
