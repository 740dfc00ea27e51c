package tests

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// node has a parent, whose id it stores.
type node struct {
	dynamapper.Model `dynamo:"nodes"`
	ID               int   `dynamo:"id,hash,autoincrement"`
	ParentID         int   `dynamo:"parent"`
	Parent           *node `dynamo:"-"`
}

func (n *node) ValidateItem() error {
	if n.Parent == nil {
		return nil
	}
	if n.ParentID = n.Parent.ID; n.ParentID == 0 {
		return errors.New("save the parent first")
	}
	return nil
}

// The hooks of a batch's items do not see an id that another item of the batch may not get.
func TestABatchShowsNoIDBeforeItIsStored(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[node](t)
	root := &node{}
	err := table.BatchSave(t.Context(), []*node{root, {ID: 50, Parent: root}})
	require.ErrorContains(t, err, "save the parent first")
	require.Nil(t, fixtures.GetRaw(t, table.Name(),
		fixtures.Attributes{"id": fixtures.Number("50")}))
}
