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

// word is the form of logins, guilds and ids.
var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// postLogin opens a session. It creates a player who does not exist. A real service would check a
// password here, or an identity from a platform.
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

// findOrCreate returns the player of a login. It creates a new player with a wallet and a score, or
// nothing.
func (g *game) findOrCreate(
	ctx context.Context, login, guild string,
) (player *Player, created bool, err error) {
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

// patchMe renames the player. With If-Match it only renames the version that the client has seen.
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

// renameSeen makes the service check the version that the client has seen. If it has changed,
// renameSeen returns ErrConditionFailed.
func (g *game) renameSeen(ctx context.Context, login, name, version string) (*Player, error) {
	return g.players.Update(dynamapper.Key(login)).
		Set("name", name).
		If(dynamapper.Attr("version", dynamapper.EQ(version))).
		Idempotent().
		Run(ctx)
}

// rename fails with ErrConflict only if another request writes between the read and the save.
func (g *game) rename(ctx context.Context, login, name string) (*Player, error) {
	player, err := g.players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
	if err != nil {
		return nil, err
	}
	player.Name = name
	return player, g.players.Save(ctx, player, dynamapper.FailOnConflict())
}
