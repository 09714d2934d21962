"""What producers and consumers in Python import.

from winnow.client import RecordProducer, load_settings

with RecordProducer(load_settings()) as records:
    records.send({"id": "mail-1", "text": "Lunch?"})

from winnow.client import Given, LabelReader, Withdrawn, load_settings

with LabelReader(load_settings(), group="archive") as labels:
    for change in labels:
        match change:
            case Given(label):
                archive[label.record_id] = label.label
            case Withdrawn(record_id):
                archive.pop(record_id, None)
        labels.commit()

from winnow.client import ReviewClient

with ReviewClient("http://localhost:8000", token) as desk:
    for task in desk.next(10):
        desk.label(task, "ham" if "Lunch" in task.record["text"] else "spam")
"""

from winnow.client.label_reader import LabelReader
from winnow.client.record_producer import NotDelivered, RecordProducer
from winnow.client.released_labels import Change, Given, ReleasedLabels, Withdrawn
from winnow.client.review_client import ReviewClient, ReviewProblem, ReviewTask
from winnow.runtime.settings import Settings, load_settings
from winnow_schemas.codec import InvalidMessage
from winnow_schemas.labels import Label
from winnow_schemas.records import Record

__all__ = [
    "Change",
    "Given",
    "InvalidMessage",
    "Label",
    "LabelReader",
    "NotDelivered",
    "Record",
    "RecordProducer",
    "ReleasedLabels",
    "ReviewClient",
    "ReviewProblem",
    "ReviewTask",
    "Settings",
    "Withdrawn",
    "load_settings",
]
