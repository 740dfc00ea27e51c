package tool

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// Model is a model whose table the command works on. ModelOf returns one.
type Model struct {
	open func(*dynamapper.Mapper) (opened, error)
}

// ModelOf returns the Model of a type, with the options that the program gives to TableOf for it.
// Models whose tables have one name are one collection, as with NewCollection.
func ModelOf[T dynamapper.IsModel](opts ...dynamapper.TableOption) Model {
	return Model{open: func(mapper *dynamapper.Mapper) (opened, error) {
		table, err := dynamapper.TableOf[T](mapper, opts...)
		if err != nil {
			return opened{}, err
		}
		return opened{table: table, name: table.Name(), model: reflect.TypeFor[T]().String(),
			work: work{verify: table.Verify, migrate: table.Migrate},
			check: func(item []byte) error {
				_, err := table.UnmarshalItemJSON(item)
				return err
			}}, nil
	}}
}

// opened is a model with its table.
type opened struct {
	table dynamapper.AnyTable
	name  string
	model string // the name of the type
	work
	check func(item []byte) error // decodes an item
}

// work is what the commands do with a table or a collection.
type work struct {
	verify  func(context.Context) error
	migrate func(
		context.Context, ...dynamapper.MigrateOption,
	) (dynamapper.MigrateReport, error)
}

// group is a table with all its models.
type group struct {
	name   string
	models []opened
	work
}

// groupModels makes the tables of the models, and unites those of one name.
func groupModels(mapper *dynamapper.Mapper, models []Model) ([]*group, error) {
	if len(models) == 0 {
		return nil, errors.New("the program has no models; give some to tool.Main, as in " +
			"tool.Main(connect, tool.ModelOf[Player]())")
	}
	var groups []*group
	for i, m := range models {
		if m.open == nil {
			return nil, fmt.Errorf("model %d is empty; make it with tool.ModelOf", i+1)
		}
		one, err := m.open(mapper)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(groups, func(g *group) bool { return g.name == one.name })
		if at < 0 {
			groups = append(groups, &group{name: one.name, models: []opened{one}, work: one.work})
			continue
		}
		groups[at].models = append(groups[at].models, one)
	}
	for _, g := range groups {
		if err := g.unite(); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// unite makes the group of several models work as a collection.
func (g *group) unite() error {
	if len(g.models) == 1 {
		return nil
	}
	collection, err := dynamapper.NewCollection(g.tables()...)
	if err != nil {
		return err
	}
	g.work = work{verify: collection.Verify, migrate: collection.Migrate}
	return nil
}

func (g *group) tables() []dynamapper.AnyTable {
	tables := make([]dynamapper.AnyTable, len(g.models))
	for i, m := range g.models {
		tables[i] = m.table
	}
	return tables
}

// modelNames returns the names of the types.
func (g *group) modelNames() []string {
	names := make([]string, len(g.models))
	for i, m := range g.models {
		names[i] = m.model
	}
	return names
}

// check decodes an item with the model of its entity.
func (g *group) check(item []byte) error {
	var err error
	for _, m := range g.models {
		if err = m.check(item); !errors.Is(err, dynamapper.ErrOtherEntity) {
			return err
		}
	}
	other := (*dynamapper.OtherEntityError)(nil)
	if len(g.models) == 1 || !errors.As(err, &other) {
		return err
	}
	return fmt.Errorf("the item is of the entity %q, which none of %s is", other.Found,
		strings.Join(g.modelNames(), ", "))
}

// chooseGroups returns the groups with these table names, or all if there are none.
func chooseGroups(all []*group, names []string) ([]*group, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []*group
	for _, name := range names {
		at := slices.IndexFunc(all, func(g *group) bool { return g.name == name })
		if at < 0 {
			return nil, fmt.Errorf("-table: no model has the table %q; the tables are %s", name,
				namesOf(all))
		}
		if !slices.Contains(chosen, all[at]) {
			chosen = append(chosen, all[at])
		}
	}
	return chosen, nil
}

func namesOf(groups []*group) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = fmt.Sprintf("%q", g.name)
	}
	return strings.Join(names, ", ")
}

// tablesOf returns the tables of all models of the groups.
func tablesOf(groups []*group) []dynamapper.AnyTable {
	var tables []dynamapper.AnyTable
	for _, g := range groups {
		tables = append(tables, g.tables()...)
	}
	return tables
}

// isMissing reports whether the table does not exist.
func isMissing(err error) bool {
	missing := (*types.ResourceNotFoundException)(nil)
	return errors.As(err, &missing)
}
