"""What runs on a GPU leaves no tensor behind on the processor, and makes there what it makes here."""

import pytest
import torch

from models import registry
from pipeline.crops.crops import Crops
from pipeline.training.config import TrainConfig
from pipeline.training.losses import loss_of
from pipeline.training.on_device.autoencoder import Autoencoder, Beside
from pipeline.training.on_device.feed import Feed
from pipeline.training.on_device.resident import Resident
from tests.pipeline.training.elsewhere import CPU, Far, OtherDevice, brought_back, carried, pretended_gpu
from tests.pipeline.training.test_forged_runs import config, planned

EDITS = {
    **dict.fromkeys(("part_composite", "face_swap", "seamless_swap", "self_blend", "resynthesis", "autoencoder"), 1),
    **dict.fromkeys(("smooth_skin+blemish", "makeup", "reshape", "detail_levels", "clone_stamp", "recolour"), 1),
    **dict.fromkeys(("enhancer", "denoised", "remade"), 1),
}


def test_the_pretended_gpu_refuses_what_a_gpu_refuses():
    here = torch.arange(6.0).view(2, 3)
    with pretended_gpu() as gpu:
        there = here.to(gpu)
        assert there.device == gpu and (there + 1).device == gpu and there.cpu().device == CPU
        assert all(isinstance(one, Far) for one in (torch.zeros(2, device=gpu), there.new_tensor([1.0])))
        assert torch.as_tensor([2], device=gpu).tolist() == [2] and torch.as_tensor(there, device=gpu) is there
        assert there[torch.tensor([0])].device == gpu and (there * torch.tensor(2.0)).device == gpu
        there[0] = there[1]
        assert brought_back(there).tolist() == [[3, 4, 5], [3, 4, 5]] and there.sum().item() == 24
        for wrong in (lambda: there + here, lambda: here @ there.T, lambda: here[there.long()[:, 0] > 9]):
            with pytest.raises(OtherDevice):
                wrong()


def batch_on(device: torch.device, crops: Crops, asked: TrainConfig, teacher=None):
    selection, pairs = planned(crops, asked, 3)
    torch.manual_seed(1)
    network = Autoencoder().eval()
    beside = Beside(network if device == CPU else carried(network), torch.optim.AdamW(network.parameters()))
    return Feed(asked, Resident.of(crops, selection, device), beside, teacher).make(pairs, 5)


def test_a_batch_is_forged_framed_and_encoded_there(crops, tiny):
    asked = config(edits=EDITS, pools={"*": 1}, colours=1.2, turned=12, gentle=0.3)
    here = batch_on(CPU, crops, asked)
    with pretended_gpu() as gpu:
        there = batch_on(gpu, crops, asked)
    parts = ("pixels", "targets", "mask", "paired")
    assert all(isinstance(getattr(there, part), Far) for part in parts)
    assert all(torch.equal(getattr(here, part), brought_back(getattr(there, part))) for part in parts)


def test_a_network_and_its_teacher_learn_there(crops, tiny):
    asked = config(taught=1.0, taught_mask=0.5, alignment=0.1, uniformity=0.1, edits={"makeup": 4})
    detector = registry.build(tiny, 5, pretrained=True).eval()
    batch = batch_on(CPU, crops, asked, detector)
    here = loss_of(asked, detector, batch, CPU)
    with pretended_gpu() as gpu:
        carried(detector)
        there = loss_of(asked, detector, batch_on(gpu, crops, asked, detector), gpu)
    assert isinstance(there, Far) and there.near.item() == pytest.approx(here.item(), rel=1e-5)
