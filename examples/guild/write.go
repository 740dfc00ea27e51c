package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// write changes items, and shows what an index adds to the cost.
func (c *chronicle) write(ctx context.Context) error {
	c.Heading("5. What writes cost")
	c.Say("A write pays for the table, and for each index whose keys or attributes change: one " +
		"unit for an entry that is\n" +
		"added, removed or replaced in its place, and two for one that moves.")
	err := c.perform(ctx,
		access{"another motto, by-trophies has it, too",
			`guilds.Update(dynamapper.Key("red")).Set("motto", "onward").Run(ctx)`,
			func(ctx context.Context) (any, error) {
				guild, err := c.guilds.Update(dynamapper.Key("red")).Set("motto", "onward").Run(ctx)
				if err != nil {
					return nil, err
				}
				return guild.Motto, nil
			}},
		access{"a message, in by-player, too",
			`messages.Save(ctx, message, dynamapper.FailOnConflict())`,
			func(ctx context.Context) (any, error) {
				message := &Message{Guild: "red", Player: "waldo", At: begin, ID: "hello",
					Text: "hello"}
				return message.ID, c.messages.Save(ctx, message, dynamapper.FailOnConflict())
			}},
		access{"a star, its entry in by-league moves",
			`wars.Update(dynamapper.Key("red", 1, "guild-0")).Add("stars", 1).Run(ctx)`,
			func(ctx context.Context) (any, error) {
				war, err := c.wars.Update(dynamapper.Key("red", 1, "guild-0")).
					Add("stars", 1).Run(ctx)
				if err != nil {
					return nil, err
				}
				return fmt.Sprintf("%d stars", war.Stars), nil
			}},
		access{"trophies, of the member and the guild", `win(ctx, "red", "waldo", 30)`,
			func(ctx context.Context) (any, error) { return c.win(ctx, "red", "waldo", 30) }})
	if err != nil {
		return err
	}
	c.Say("The service can add to stars, because they are a key of the index as they are. " +
		"Trophies are a part of a format,\n" +
		"so adding to them is refused before a request is sent, and the transaction reads them:")
	_, err = c.members.Update(dynamapper.Key("red", "waldo")).Add("trophies", 30).Run(ctx)
	if err == nil {
		return errors.New("an addition to a part of a format was not refused")
	}
	c.Code(err.Error())
	return nil
}

// win gives trophies to a member and the guild in one transaction. The index has both at their new
// places.
func (c *chronicle) win(
	ctx context.Context, guild, player string, trophies int,
) (result string, err error) {
	err = c.Mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		guilds, members := c.guilds.In(tx), c.members.In(tx)
		g, err := guilds.Get(ctx, dynamapper.Key(guild))
		if err != nil {
			return err
		}
		m, err := members.Get(ctx, dynamapper.Key(guild, player))
		if err != nil {
			return err
		}
		g.Trophies += trophies
		m.Trophies += trophies
		guilds.Save(g)
		members.Save(m)
		result = fmt.Sprintf("%s %d, %s %d", player, m.Trophies, guild, g.Trophies)
		return nil
	})
	return result, err
}
