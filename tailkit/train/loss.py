"""The loss of training on a CPU: the output layer runs where a token is trained, once, a chunk at a time.

In: a model with an adapter. Out: the same model, whose forward pass gives the loss of labels, and no logits.
TRL's chunked loss also leaves out masked places, but runs the output layer a second time in the backward pass, and
takes accuracy and entropy over the whole vocabulary. With SmolLM2's 49,152 tokens that made a step a fifth slower.
"""

from types import MethodType
from typing import Any

from tailkit.models import Loaded
from tailkit.models.forward import parts
from tailkit.train.labelled import IGNORED

LOSS_TOKENS = 256
"""Tokens whose logits are in memory at once; with 49,152 logits each, that is 48 MiB in fp32."""


def train_where_labelled(loaded: Loaded) -> bool:
    """Give a model that loss, in place; False, with nothing changed, where its logits are more than a product."""
    found = parts(loaded)
    base = loaded.model.get_base_model()
    if found is None or getattr(base.config, "output_router_logits", False):
        return False
    blocks, head = found
    plain = base.forward

    def forward(self: Any, *given: Any, labels: Any = None, num_items_in_batch: Any = None, **more: Any) -> Any:
        from transformers.modeling_outputs import CausalLMOutputWithPast

        if labels is None:
            return plain(*given, **more)
        states = blocks(*given, **more | {"use_cache": False}).last_hidden_state
        loss = cross_entropy(states[:, :-1], head, labels[:, 1:], num_items_in_batch)
        return CausalLMOutputWithPast(loss=loss)

    # A method, as TRL expects of a model that it is given once more.
    base.forward = MethodType(forward, base)
    return True


def cross_entropy(states: Any, head: Any, labels: Any, items: Any = None) -> Any:
    """The mean cross entropy where `labels` are not masked: the sum over `items`, or over how many there are.

    states: (rows, tokens, hidden), labels: (rows, tokens). The output layer `head` itself gets no gradient.
    """
    trained = labels != IGNORED
    total = _summed(states[trained], head, labels[trained])
    return total / (trained.sum().clamp(min=1) if items is None else items)


def _summed(states: Any, head: Any, labels: Any) -> Any:
    """The sum of the cross entropies of (tokens, hidden) states."""
    import torch

    def part(chunk: Any, targets: Any) -> tuple[Any, Any]:
        """A chunk's loss, and its gradient with regard to the states: nothing of the logits is kept."""
        chunk = chunk.detach().requires_grad_()
        loss = torch.nn.functional.cross_entropy(head(chunk).float(), targets, reduction="sum")
        return loss.detach(), torch.autograd.grad(loss, chunk)[0]

    class Summed(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, states: Any) -> Any:
            if not len(states):
                context.save_for_backward(states)
                return states.sum()
            with torch.enable_grad():
                losses, gradients = zip(*map(part, states.split(LOSS_TOKENS), labels.split(LOSS_TOKENS)), strict=True)
            context.save_for_backward(torch.cat(gradients))
            return torch.stack(losses).sum()

        @staticmethod
        def backward(context: Any, scale: Any) -> Any:
            return scale * context.saved_tensors[0]

    return Summed.apply(states)
