package dynamapper

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/format"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// entityNumber is the number of the entity's attribute among those that a decoder notes.
const entityNumber = 0

// defaultEntityAttribute is the attribute that names the entity, unless the tag names another one.
const defaultEntityAttribute = "entity"

// entityTag holds the options of a model's tag that make it an entity of a shared table.
type entityTag struct {
	name, attribute string
	given           map[string]bool
}

func (e *entityTag) set(option, value string, hasValue bool) error {
	switch {
	case e.given[option]:
		return fmt.Errorf("option %q is given twice; remove one of the two", option)
	case !hasValue || value == "":
		return fmt.Errorf("option %q needs a value; write %q", option, option+"=NAME")
	}
	if e.given == nil {
		e.given = map[string]bool{}
	}
	e.given[option] = true
	if option == "entity" {
		e.name = value
	} else {
		e.attribute = value
	}
	return nil
}

func (e *entityTag) check() error {
	if e.name == "" && e.attribute != "" {
		return errors.New("option \"entityAttribute\" says where the name of the entity is stored, " +
			"and there is no name; add \"entity=NAME\"")
	}
	if e.attribute == "" {
		e.attribute = defaultEntityAttribute
	}
	return nil
}

// makeEntity adds the attribute that names the entity. It is a computed one without parts.
func (m *schemaMaker) makeEntity() error {
	if m.entity.name == "" {
		return nil
	}
	s := m.schema
	if other := s.byAttribute[m.entity.attribute]; other != nil {
		return m.errorAt(other, "the attribute holds the name of the entity, which the mapper writes; "+
			"give the field another attribute, or the model's tag \"entityAttribute=NAME\"")
	}
	if s.autoincrement {
		return m.errorAt(s.hash, "option \"autoincrement\" counts the ids of a table of its own, and "+
			"\"entity\" shares the table; use a key of another kind, such as a UUID, or remove one of "+
			"the two")
	}
	name, err := format.Parse(format.Quote(m.entity.name))
	if err != nil {
		return m.error("option \"entity\": %v", err)
	}
	s.entity = &field{number: len(s.fields), goPath: m.entity.attribute,
		attribute: m.entity.attribute, path: s.modelPath, goType: computedType,
		codec: makeStringCodec(computedType), computed: &computed{format: name, number: entityNumber}}
	s.entity.setComputedCodec()
	s.setFields(append(s.fields, s.entity))
	return nil
}

// checkProjections refuses an index without the attribute that tells the entities apart.
func (m *schemaMaker) checkProjections() error {
	if m.schema.entity == nil {
		return nil
	}
	for _, i := range m.schema.indexes {
		if !i.has(m.schema.entity) {
			return m.errorAt(i.declaredBy(), "index %q does not project the attribute %q, by which "+
				"reads tell the entities of the table apart; write include=%[2]s, or project "+
				"everything", i.name, m.schema.entity.attribute)
		}
	}
	return nil
}

// entityName returns the name of the model's entity, or "".
func (s *schema) entityName() string {
	if s.entity == nil {
		return ""
	}
	return s.entity.computed.format.Prefix()
}

// isShared reports whether the model has attributes that the mapper computes.
func (s *schema) isShared() bool { return s.entity != nil || s.computed != nil }

// Unmarked makes items that name no entity count as items of the table's model, such as those that
// were stored before the model had the option entity. Give it to one table at most of those that
// share a table in DynamoDB. A Save of such an item writes the name.
func Unmarked() TableOption {
	return tableOption(func(s *tableSettings) error { s.unmarked = true; return nil })
}

var errUnmarked = errors.New("Unmarked is for a model that names its entity; write it in Model's " +
	"tag, as in `dynamo:\"game,entity=player\"`, or leave the option out")

// An OtherEntityError reports that the item at a key belongs to another entity than the model. It
// matches ErrOtherEntity.
type OtherEntityError struct {
	Op, Table string     // such as "Get"
	Key       PrimaryKey // the parts that could be read from the item
	Entity    string     // the entity of the model
	Found     string     // the entity of the item; "" if the item names none
}

// Error returns one sentence without a value of a key.
func (e *OtherEntityError) Error() string {
	text := fmt.Sprintf("%sthe item is of the entity %q", prefixOf(e.Op, e.Table), shown.Name(e.Found))
	if e.Found == "" {
		text = prefixOf(e.Op, e.Table) + "the item names no entity"
	}
	text += fmt.Sprintf(", and the table's model is %q; read it with the table of its own model",
		shown.Name(e.Entity))
	if e.Found == "" {
		text += ", or give TableOf the option Unmarked"
	}
	return shown.Text(text)
}

// Is reports whether target is ErrOtherEntity.
func (e *OtherEntityError) Is(target error) bool { return target == ErrOtherEntity }

// owns reports whether an item that names this entity, or none, is one of the table's model.
func (t *table) owns(found string) bool {
	return found == t.schema.entityName() || found == "" && t.unmarked
}

// checkEntity returns an *OtherEntityError if an item names another entity.
func (l loader) checkEntity(found, raw string) error {
	t := l.table
	if t.schema.entity == nil || t.owns(found) {
		return nil
	}
	return &OtherEntityError{Op: l.op, Table: t.name, Key: t.schema.keyIn(raw),
		Entity: t.schema.entityName(), Found: found}
}

// checkEntityIn is checkEntity for an item of which only the JSON is known. An attribute of another
// type than text names an entity that no model has.
func (l loader) checkEntityIn(raw string) error {
	if l.table.schema.entity == nil {
		return nil
	}
	found, err := attributeIn(raw, l.table.schema.entity.attribute)
	if err != nil {
		return nil // the decoder reports what is wrong with the text
	}
	return l.checkEntity(found.Text(), raw)
}

// complete checks the entity of a decoded item, and fills in the parts that only its keys have.
func (l loader) complete(item anyItem, noted []string, raw string) error {
	s := l.table.schema
	if s.entity != nil {
		if err := l.checkEntity(noted[entityNumber], raw); err != nil {
			return err
		}
	}
	model := reflect.ValueOf(item).Elem()
	if s.computed == nil || !s.lacksParts(model, noted) {
		return nil
	}
	attributes, err := parseRawItem(raw)
	if err != nil {
		return err
	}
	return s.fillParts(model, attributes)
}

// expectOwn requires that an item at the key of a write, if there is one, is of the table's entity.
func (t *table) expectOwn(p *writePlan) {
	if t.schema.entity != nil {
		p.expected = append(p.expected, t.expectEntity())
	}
}

// refusalOfOther returns an *OtherEntityError if a refused write found an item of another entity.
func (p *writePlan) refusalOfOther(table string, current map[string]types.AttributeValue) error {
	for _, e := range p.expected {
		if e.orMissing != "" && !e.matches(current) {
			return &OtherEntityError{Op: p.op, Table: table, Key: p.primaryKey(),
				Entity: p.schema.entityName(), Found: textOfS(current[e.attribute])}
		}
	}
	return nil
}

// textOfS returns the text of an S, or "" for any other value.
func textOfS(value types.AttributeValue) string {
	if text, ok := value.(*types.AttributeValueMemberS); ok && text != nil {
		return text.Value
	}
	return ""
}
