package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/dynamapper/dynamapper"
)

const (
	startCoins    = 200
	standardGuild = "free"
	maxNameLength = 40
)

// word is what logins, guilds and ids are made of.
var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// postLogin opens a session. A player who is not there is created. A real service would look at a password here, or at what a
// platform says of the player.
func (g *game) postLogin(w http.ResponseWriter, r *http.Request) error {
	asked := struct{ Login, Guild string }{Guild: standardGuild}
	if err := readBody(r, &asked); err != nil {
		return err
	}
	if !word.MatchString(asked.Login) || !word.MatchString(asked.Guild) {
		return newBadRequest("a login or a guild has 1 to 64 letters, digits, _ and -")
	}
	player, created, err := g.findOrCreate(r.Context(), asked.Login, asked.Guild)
	if err != nil {
		return err
	}
	token, session, err := g.openSession(r.Context(), player.Login)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	respond(w, status, map[string]any{"token": token, "expires": session.Expires, "player": player})
	return nil
}

// findOrCreate gives the player of a login. A new one comes with a wallet and a score, or not at all.
func (g *game) findOrCreate(ctx context.Context, login, guild string) (player *Player, created bool, err error) {
	err = g.transact(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {
		player, err = g.players.In(tx).Get(ctx, dynamapper.Key(login))
		if created = errors.Is(err, dynamapper.ErrNotFound); !created {
			return err
		}
		player = &Player{Login: login, Name: login, Guild: guild}
		g.players.In(tx).Save(player)
		g.wallets.In(tx).Save(&Wallet{Login: login, Balance: startCoins})
		g.scores.In(tx).Save(&Score{Login: login, Guild: guild})
		return nil
	})
	return player, created, err
}

func (g *game) getPlayer(w http.ResponseWriter, r *http.Request) error {
	player, err := g.players.Get(r.Context(), dynamapper.Key(r.PathValue("login")))
	if err != nil {
		return err
	}
	respondPlayer(w, player)
	return nil
}

func respondPlayer(w http.ResponseWriter, player *Player) {
	w.Header().Set("ETag", `"`+player.Version+`"`)
	respond(w, http.StatusOK, player)
}

// patchMe renames the player. With If-Match only the player whom the client has seen.
func (g *game) patchMe(w http.ResponseWriter, r *http.Request, login string) error {
	var asked struct{ Name string }
	if err := readBody(r, &asked); err != nil {
		return err
	}
	if asked.Name == "" || len(asked.Name) > maxNameLength {
		return newBadRequest("a name has 1 to 40 bytes")
	}
	var player *Player
	var err error
	if seen := r.Header.Get("If-Match"); seen != "" {
		player, err = g.renameSeen(r.Context(), login, asked.Name, strings.Trim(seen, `"`))
	} else {
		player, err = g.rename(r.Context(), login, asked.Name)
	}
	if err != nil {
		return err
	}
	respondPlayer(w, player)
	return nil
}

// renameSeen lets the service judge the version that the client has seen: ErrConditionFailed.
func (g *game) renameSeen(ctx context.Context, login, name, version string) (*Player, error) {
	return g.players.Update(dynamapper.Key(login)).
		Set("name", name).
		If(dynamapper.Attr("version", dynamapper.EQ(version))).
		Idempotent().
		Run(ctx)
}

// rename is refused only by whoever writes between the read and the save: ErrConflict.
func (g *game) rename(ctx context.Context, login, name string) (*Player, error) {
	player, err := g.players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
	if err != nil {
		return nil, err
	}
	player.Name = name
	return player, g.players.Save(ctx, player, dynamapper.FailOnConflict())
}
