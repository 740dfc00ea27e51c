package main

import "slices"

// records reads all records of the streams of a table. The records of one item have an order; those
// of different items have none.
func (e *endpoint) records(run int, s *step) observation {
	asked := newObject("TableName", lookup(s.body, "TableName"))
	listed := e.send(run, "ListStreams", encode(asked))
	if listed.status != 200 {
		return observation{listed.status, canonical(listed.body), listed.fault}
	}
	var streams []string
	for _, stream := range elements(listed.body, "Streams") {
		streams = append(streams, text(stream, "StreamArn"))
	}
	slices.Sort(streams)
	all := newList()
	for _, arn := range streams {
		found, failure := e.stream(run, arn)
		if failure != nil {
			return *failure
		}
		all.add(found)
	}
	return observation{status: 200, tree: newObject("Streams", all)}
}

// stream reads all records of one stream, grouped by the key of their items.
func (e *endpoint) stream(run int, arn string) (*object, *observation) {
	described := e.send(run, "DescribeStream", encode(newObject("StreamArn", arn)))
	if described.status != 200 {
		return nil, &observation{described.status, canonical(described.body), described.fault}
	}
	description, _ := lookup(described.body, "StreamDescription").(*object)
	byKey := newObject()
	for _, shard := range elements(description, "Shards") {
		asked := newObject("StreamArn", arn, "ShardId", text(shard, "ShardId"),
			"ShardIteratorType", "TRIM_HORIZON")
		started := e.send(run, "GetShardIterator", encode(asked))
		if failure := e.shard(run, text(started.body, "ShardIterator"), byKey); failure != nil {
			return nil, failure
		}
	}
	shown := newObject("Status", text(description, "StreamStatus"),
		"View", text(description, "StreamViewType"), "Records", byKey)
	return canonical(shown).(*object), nil
}

// shard adds the records behind an iterator, up to the first empty response.
func (e *endpoint) shard(run int, iterator string, byKey *object) *observation {
	for iterator != "" {
		a := e.send(run, "GetRecords", encode(newObject("ShardIterator", iterator)))
		if a.status != 200 {
			return &observation{a.status, canonical(a.body), a.fault}
		}
		found := elements(a.body, "Records")
		if len(found) == 0 {
			return nil
		}
		for _, record := range found {
			addRecord(byKey, record)
		}
		iterator = text(a.body, "NextShardIterator")
	}
	return nil
}

// addRecord adds the part of a record that describes its item, without its identity and time.
func addRecord(byKey *object, record any) {
	change, _ := canonical(lookup(record, "dynamodb")).(*object)
	if change == nil {
		return
	}
	change.remove("SequenceNumber")
	change.remove("ApproximateCreationDateTime")
	shown := newObject("eventName", text(record, "eventName"), "change", change,
		"userIdentity", canonical(lookup(record, "userIdentity")))
	key := encode(change.get("Keys"))
	l, ok := byKey.get(key).(*list)
	if !ok {
		l = newList()
		byKey.set(key, l)
	}
	l.add(shown)
}
