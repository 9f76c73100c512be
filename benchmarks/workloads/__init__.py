"""The workloads by name, one module for each kind of computation."""

from workloads import attention, layers, losses, models, normalisation, physics, positions, tensors
from workloads.workload import SIZES, Workload

__all__ = ["SIZES", "WORKLOADS"]

WORKLOADS: dict[str, Workload] = {
    **normalisation.WORKLOADS,
    **attention.WORKLOADS,
    **layers.WORKLOADS,
    **losses.WORKLOADS,
    **models.WORKLOADS,
    **tensors.WORKLOADS,
    **physics.WORKLOADS,
    **positions.WORKLOADS,
}
