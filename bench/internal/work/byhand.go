package work

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// encodeByHand is the code that a user with one type and no mapper writes.
func encodeByHand(p *Player) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"guild":   &types.AttributeValueMemberS{Value: p.Guild},
		"id":      &types.AttributeValueMemberN{Value: strconv.Itoa(p.ID)},
		"login":   &types.AttributeValueMemberS{Value: p.Login},
		"name":    &types.AttributeValueMemberS{Value: p.Name},
		"email":   &types.AttributeValueMemberS{Value: p.Email},
		"level":   &types.AttributeValueMemberN{Value: strconv.Itoa(p.Level)},
		"balance": &types.AttributeValueMemberN{Value: strconv.FormatInt(p.Balance, 10)},
		"rating":  &types.AttributeValueMemberN{Value: strconv.FormatFloat(p.Rating, 'g', -1, 64)},
		"banned":  &types.AttributeValueMemberBOOL{Value: p.Banned},
		"badges":  &types.AttributeValueMemberSS{Value: p.Badges},
		"created": &types.AttributeValueMemberS{Value: p.Created.Format(time.RFC3339Nano)},
		"motto":   &types.AttributeValueMemberS{Value: p.Motto},
	}
}

// decodeByHand is its inverse.
func decodeByHand(item map[string]types.AttributeValue) (*Player, error) {
	d := handDecoder{item: item}
	p := &Player{
		Guild: d.text("guild"), ID: int(d.integer("id")), Login: d.text("login"),
		Name: d.text("name"), Email: d.text("email"),
		Level: int(d.integer("level")), Balance: d.integer("balance"), Rating: d.float("rating"),
		Banned: d.flag("banned"),
		Badges: d.texts("badges"), Created: d.time("created"), Motto: d.text("motto"),
	}
	return p, d.err
}

// handDecoder keeps the first error.
type handDecoder struct {
	item map[string]types.AttributeValue
	err  error
}

func (d *handDecoder) fail(attribute string) {
	if d.err == nil {
		d.err = fmt.Errorf("%s has another type, or another form", attribute)
	}
}

func (d *handDecoder) text(attribute string) string {
	s, ok := d.item[attribute].(*types.AttributeValueMemberS)
	if !ok {
		d.fail(attribute)
		return ""
	}
	return s.Value
}

func (d *handDecoder) number(attribute string) string {
	n, ok := d.item[attribute].(*types.AttributeValueMemberN)
	if !ok {
		d.fail(attribute)
		return "0"
	}
	return n.Value
}

func (d *handDecoder) integer(attribute string) int64 {
	n, err := strconv.ParseInt(d.number(attribute), 10, 64)
	if err != nil {
		d.fail(attribute)
	}
	return n
}

func (d *handDecoder) float(attribute string) float64 {
	n, err := strconv.ParseFloat(d.number(attribute), 64)
	if err != nil {
		d.fail(attribute)
	}
	return n
}

func (d *handDecoder) flag(attribute string) bool {
	b, ok := d.item[attribute].(*types.AttributeValueMemberBOOL)
	if !ok {
		d.fail(attribute)
		return false
	}
	return b.Value
}

func (d *handDecoder) texts(attribute string) []string {
	set, ok := d.item[attribute].(*types.AttributeValueMemberSS)
	if !ok {
		d.fail(attribute)
		return nil
	}
	return set.Value
}

func (d *handDecoder) time(attribute string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, d.text(attribute))
	if err != nil {
		d.fail(attribute)
	}
	return t
}
