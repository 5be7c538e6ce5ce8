"""Reads a folder of event files with TensorBoard's own reader and prints what it found as JSON."""

import hashlib
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

events = EventAccumulator(sys.argv[1], size_guidance={"images": 0, "histograms": 0, "scalars": 0, "tensors": 0})
events.Reload()
tags = events.Tags()


def plugin_data(tag):
    content = events.SummaryMetadata(tag).plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


start = plugin_data("_hparams_/session_start_info").session_start_info
experiment = plugin_data("_hparams_/experiment").experiment
end = plugin_data("_hparams_/session_end_info").session_end_info


def value_of(value):
    return getattr(value, value.WhichOneof("kind"))


print(
    json.dumps(
        {
            "scalars": {
                tag: [[e.step, e.wall_time, repr(e.value)] for e in events.Scalars(tag)] for tag in tags["scalars"]
            },
            "images": {
                tag: [
                    [e.step, e.width, e.height, hashlib.sha256(e.encoded_image_string).hexdigest()]
                    for e in events.Images(tag)
                ]
                for tag in tags["images"]
            },
            "histograms": {
                tag: [
                    [e.step, list(e.histogram_value.bucket_limit), list(e.histogram_value.bucket)]
                    for e in events.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
            "texts": {
                tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in events.Tensors(tag)]
                for tag in tags["tensors"]
            },
            "hparams": {name: value_of(value) for name, value in start.hparams.items()},
            "group": start.group_name,
            "columns": [info.name for info in experiment.hparam_infos],
            "metrics": [info.name.tag for info in experiment.metric_infos],
            "status": end.status,
        }
    )
)
