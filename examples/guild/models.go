package main

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// A guild's items share a hash key in one table. Two indexes are overloaded: each kind says in its
// formats what it has there, and a kind without the attributes is not in the index.
//
//	kind      table                          by-player                 by-trophies
//	guild     GUILD#red, GUILD                                         REGION#eu, TROPHIES#00003400
//	member    GUILD#red, MEMBER#waldo        PLAYER#waldo, MEMBER#red  GUILD#red, TROPHIES#00000340
//	message   GUILD#red, CHAT#2026-...#m1    PLAYER#waldo, CHAT#2026-...
//	war       GUILD#red, WAR#7#blue
//
// The index by-league has wars only. Its keys are attributes as they are: season and league, then
// round and stars.

// Guild is a guild.
type Guild struct {
	dynamapper.Model `dynamo:"guilds,entity=guild"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=GUILD#{guild}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=GUILD"`
	_ dynamapper.Computed `dynamo:"gsi2pk,format=REGION#{region}" index:"by-trophies,hash"`
	_ dynamapper.Computed `dynamo:"gsi2sk,format=TROPHIES#{trophies:8}" index:"by-trophies,range"`

	Name     string `dynamo:"guild"`
	Region   string `dynamo:"region"`
	Motto    string `dynamo:"motto"`
	Trophies int    `dynamo:"trophies"` // of all members
}

// Member is a player's place in a guild.
type Member struct {
	dynamapper.Model `dynamo:"guilds,entity=member"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=GUILD#{guild}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=MEMBER#{player}"`
	_ dynamapper.Computed `dynamo:"gsi1pk,format=PLAYER#{player}" index:"by-player,hash"`
	_ dynamapper.Computed `dynamo:"gsi1sk,format=MEMBER#{guild}" index:"by-player,range"`
	_ dynamapper.Computed `dynamo:"gsi2pk,format=GUILD#{guild}" index:"by-trophies,hash"`
	_ dynamapper.Computed `dynamo:"gsi2sk,format=TROPHIES#{trophies:8}" index:"by-trophies,range"`

	Guild    string `dynamo:"guild"`
	Player   string `dynamo:"player"`
	Trophies int    `dynamo:"trophies"`
}

// Message is a message in a guild's chat.
type Message struct {
	dynamapper.Model `dynamo:"guilds,entity=message"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=GUILD#{guild}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=CHAT#{at}#{id}"`
	_ dynamapper.Computed `dynamo:"gsi1pk,format=PLAYER#{player}" index:"by-player,hash"`
	_ dynamapper.Computed `dynamo:"gsi1sk,format=CHAT#{at}" index:"by-player,range"`

	Guild  string    `dynamo:"guild"`
	At     time.Time `dynamo:"at,layout=RFC3339"`
	ID     string    `dynamo:"id"`
	Player string    `dynamo:"player"`
	Text   string    `dynamo:"text"`
}

// War is a guild's war against another one.
type War struct {
	dynamapper.Model `dynamo:"guilds,entity=war"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=GUILD#{guild}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=WAR#{round:3}#{against}"`

	Guild   string `dynamo:"guild"`
	Against string `dynamo:"against"`
	Season  string `dynamo:"season" index:"by-league,hash"`
	League  string `dynamo:"league" index:"by-league,hash"`
	Round   int    `dynamo:"round" index:"by-league,range"`
	Stars   int    `dynamo:"stars" index:"by-league,range"`
}

// tables holds the tables of the models, and the collection of all.
type tables struct {
	guilds   *dynamapper.Table[Guild]
	members  *dynamapper.Table[Member]
	messages *dynamapper.Table[Message]
	wars     *dynamapper.Table[War]
	all      *dynamapper.Collection
}

func openTables(m *dynamapper.Mapper) (t tables, err error) {
	if t.guilds, err = dynamapper.TableOf[Guild](m); err != nil {
		return t, err
	}
	if t.members, err = dynamapper.TableOf[Member](m); err != nil {
		return t, err
	}
	if t.messages, err = dynamapper.TableOf[Message](m); err != nil {
		return t, err
	}
	if t.wars, err = dynamapper.TableOf[War](m); err != nil {
		return t, err
	}
	t.all, err = dynamapper.NewCollection(t.guilds, t.members, t.messages, t.wars)
	return t, err
}
