"""The sizes of a run: what training, evaluation, plan, doctor and export all have to agree on, without torch.

`shape` knows a model's sizes, `steps` how rows become passes and steps, `decoding` budgets and batches of the
evaluation, `memory` what all of it takes, `card` and `speed` what GPUs have and do, `host` what is here.
"""
