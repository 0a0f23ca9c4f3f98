"""tailkit: Turing mAchine Imitation Learning (TAIL, arXiv 2507.13332) on one GPU, or none."""

__version__ = "0.1.0"
