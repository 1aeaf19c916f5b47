"""Whether PyTorch sees a GPU, and which."""

import json

import torch

available = torch.cuda.is_available()
print(json.dumps({"name": torch.cuda.get_device_name(0) if available else None}))
