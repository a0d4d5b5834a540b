"""Files that programs exchange: style files, packs, pairs, checkpoints, the workspace."""
