"""Pictures and their captions, in a reproducible order: folders, zips, shards, the demo world.

`open_source` opens what an option names; `shelves` are folders and zips, `shards` webdataset's;
`sampling` draws by seed, and `loader` reads ahead beside the training.
"""
