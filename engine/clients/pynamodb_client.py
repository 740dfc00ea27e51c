"""Uses a local DynamoDB as a program with PynamoDB does, and checks each answer.

The endpoint is in AWS_ENDPOINT_URL_DYNAMODB.
"""

import os
import sys
import uuid
from datetime import datetime, timezone

os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")

import pynamodb
from pynamodb.attributes import (
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    NumberSetAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.indexes import LocalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

ENDPOINT = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
REGION = "us-east-1"


class ByTeam(GlobalSecondaryIndex):
    class Meta:
        index_name = "by-team"
        projection = AllProjection()
        read_capacity_units = 1
        write_capacity_units = 1

    team = UnicodeAttribute(hash_key=True)
    score = NumberAttribute(range_key=True)


class ByScore(LocalSecondaryIndex):
    class Meta:
        index_name = "by-score"
        projection = KeysOnlyProjection()

    player = UnicodeAttribute(hash_key=True)
    score = NumberAttribute(range_key=True)


class Address(MapAttribute):
    street = UnicodeAttribute()
    zip = NumberAttribute(null=True)


class Score(Model):
    class Meta:
        table_name = "pynamodb-" + uuid.uuid4().hex[:8]
        host = ENDPOINT
        region = REGION
        read_capacity_units = 1
        write_capacity_units = 1
        stream_view_type = "NEW_IMAGE"

    player = UnicodeAttribute(hash_key=True)
    game = NumberAttribute(range_key=True)
    score = NumberAttribute(default=0)
    team = UnicodeAttribute(null=True)
    tags = UnicodeSetAttribute(null=True)
    numbers = NumberSetAttribute(null=True)
    address = Address(null=True)
    history = ListAttribute(null=True)
    extra = JSONAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    expires = TTLAttribute(null=True)
    by_team = ByTeam()
    by_score = ByScore()


class Purse(Model):
    class Meta:
        table_name = Score.Meta.table_name + "-purse"
        host = ENDPOINT
        region = REGION
        billing_mode = "PAY_PER_REQUEST"

    owner = UnicodeAttribute(hash_key=True)
    coins = NumberAttribute()
    version = VersionAttribute()


def items():
    """Saves, reads, updates and deletes single items."""
    created = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=timezone.utc)
    score = Score(
        "ann",
        1,
        score=10,
        team="red",
        tags={"a", "b"},
        numbers={1, 2.5},
        address=Address(street="Main 1"),
        history=["x", 1, None, {"y": True}],
        extra={"free": [1, 2]},
        created=created,
        expires=datetime(2090, 1, 1, tzinfo=timezone.utc),
    )
    score.save()
    again = Score.get("ann", 1, consistent_read=True)
    assert again.tags == {"a", "b"} and again.numbers == {1, 2.5}
    assert again.created == created and again.extra == {"free": [1, 2]}
    assert again.address.street == "Main 1" and again.address.zip is None
    assert again.history[3]["y"] is True and again.history[2] is None
    again.update(
        actions=[
            Score.score.add(5),
            Score.address.zip.set(12345),
            Score.history.set(Score.history.append(["end"])),
            Score.tags.delete({"a"}),
            Score.team.remove(),
        ],
        condition=(Score.score == 10) & Score.team.exists(),
    )
    assert again.score == 15 and again.address.zip == 12345 and again.team is None
    assert again.tags == {"b"} and again.history[-1] == "end"
    try:
        score.save(condition=Score.player.does_not_exist())
        raise AssertionError("a condition holds that does not")
    except PutError as error:
        assert error.cause_response_code == "ConditionalCheckFailedException", error
    again.delete()
    try:
        Score.get("ann", 1)
        raise AssertionError("a deleted item is there")
    except DoesNotExist:
        pass


def reads():
    """Writes 90 items in batches, and reads them in pages."""
    with Score.batch_write() as batch:
        for i in range(90):
            team = "blue" if i % 2 else None
            batch.save(Score(f"p{i % 3}", i, score=i % 7, team=team))
    found = Score.query(
        "p2",
        Score.game.between(20, 80),
        filter_condition=Score.score > 1,
        scan_index_forward=False,
        page_size=4,
    )
    games = [int(item.game) for item in found]
    assert games == [i for i in range(80, 19, -1) if i % 3 == 2 and i % 7 > 1], games
    limited = Score.query("p0", limit=5)
    first = [item.game for item in limited]
    rest = Score.query("p0", last_evaluated_key=limited.last_evaluated_key)
    assert first + [item.game for item in rest] == list(range(0, 90, 3))
    scores = [item.score for item in Score.by_team.query("blue", page_size=10)]
    assert len(scores) == 45 and scores == sorted(scores)
    assert Score.by_score.count("p1", Score.score < 3) == len([i for i in range(1, 90, 3) if i % 7 < 3])
    assert Score.count("p1") == 30
    assert len(list(Score.scan(Score.team == "blue", page_size=13))) == 45
    segments = [list(Score.scan(segment=i, total_segments=3)) for i in range(3)]
    assert sum(len(segment) for segment in segments) == 90
    keys = [(f"p{i % 3}", i) for i in range(90)]
    assert len(list(Score.batch_get(keys, attributes_to_get=["game"]))) == 90


def transactions():
    """Commits a transaction, and has one refused."""
    connection = Connection(host=ENDPOINT, region=REGION)
    with TransactWrite(connection=connection) as transaction:
        transaction.save(Purse("ann", coins=5))
        transaction.save(Purse("bob", coins=0))
    ann, bob = Purse.get("ann"), Purse.get("bob")
    assert ann.version == 1
    try:
        with TransactWrite(connection=connection) as transaction:
            transaction.update(
                ann,
                actions=[Purse.coins.add(-9)],
                condition=Purse.coins >= 9,
                return_values="ALL_OLD",
            )
            transaction.update(bob, actions=[Purse.coins.add(9)])
        raise AssertionError("a transaction is taken that costs too much")
    except TransactWriteError as error:
        codes = [reason and reason.code for reason in error.cancellation_reasons]
        assert codes == ["ConditionalCheckFailed", None], codes
        assert error.cancellation_reasons[0].raw_item["coins"] == {"N": "5"}
    with TransactGet(connection=connection) as transaction:
        one, other = transaction.get(Purse, "ann"), transaction.get(Purse, "bob")
    assert one.get().coins == 5 and other.get().coins == 0


def main():
    Score.create_table(wait=True)  # this enables time to live, too
    Purse.create_table(wait=True)
    try:
        assert Score.describe_table()["TableStatus"] == "ACTIVE"
        items()
        reads()
        transactions()
    finally:
        Score.delete_table()
        Purse.delete_table()
    print(f"PynamoDB {pynamodb.__version__}: all answers are right")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        frame = error.__traceback__
        while frame.tb_next:
            frame = frame.tb_next
        sys.exit(f"PynamoDB: {frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}: {error}")
