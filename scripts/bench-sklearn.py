"""scikit-learn's pipeline on one core: words 1-2 and characters 2-5 as tf-idf, LinearSVC.

Reads JSON lines of {"text", "labels"}: what to learn from, then what to judge.
Prints a line of JSON with its accuracy, then for every line of its input how many
texts a second of processor time it judges.
"""
import json
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main(learn, judge, seconds):
    learn, judge = read(learn), read(judge)
    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2)),
            TfidfVectorizer(analyzer="char", ngram_range=(2, 5)),
        ),
        LinearSVC(),
    )
    pipeline.fit([e["text"] for e in learn], [e["labels"][0] for e in learn])
    texts = [e["text"] for e in judge]
    answers = pipeline.predict(texts)
    right = sum(answer in e["labels"] for answer, e in zip(answers, judge))
    print(json.dumps({"accuracy": right / len(judge)}), flush=True)
    for _ in sys.stdin:
        began, passes = time.process_time(), 0
        while time.process_time() - began < float(seconds):
            pipeline.predict(texts)
            passes += 1
        print(passes * len(texts) / (time.process_time() - began), flush=True)


main(*sys.argv[1:])
