package dynamapper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// Member is a player of the second season, and its table is that of OldMember.
type Member struct {
	dynamapper.Model `dynamo:"members"`

	Login string `dynamo:"login,hash"`
	Email string `dynamo:"email" index:"by-email,hash"`
}

// OldMember is a player of the first season.
type OldMember struct {
	dynamapper.Model `dynamo:"members"`

	Login string `dynamo:"login,hash"`
	Guild string `dynamo:"guild" index:"by-guild,hash"`
}

// exampleMembers makes the table of OldMember and returns that of Member.
func exampleMembers(ctx context.Context, opts ...dynamapper.TableOption) (
	members *dynamapper.Table[Member], end func(),
) {
	mapper, end := exampleMapper()
	old, err := dynamapper.TableOf[OldMember](mapper)
	check(err)
	check(old.CreateTable(ctx, dynamapper.WaitActive()))
	members, err = dynamapper.TableOf[Member](mapper, opts...)
	check(err)
	return members, end
}

// A plan says what has to change. Apply makes the changes that lose nothing.
func ExamplePlanTables() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	for _, change := range plan.Changes {
		fmt.Println(change.Kind, change.Index, change.Destroys)
	}
	fmt.Println(errors.Is(plan.Apply(ctx), dynamapper.ErrNotApplied))
	// Output:
	// add-index by-email false
	// drop-index by-guild true
	// true
}

// With AllowDestroy, Apply makes all changes, and nothing remains to be planned.
func ExamplePlan_Apply() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	check(plan.Apply(ctx, dynamapper.AllowDestroy(),
		dynamapper.OnProgress(func(c dynamapper.TableChange) { fmt.Println("done:", c.What) })))
	again, err := dynamapper.PlanTables(ctx, members)
	check(err)
	fmt.Print(again)
	// Output:
	// done: add the index "by-email": hash "email" (S)
	// done: drop the index "by-guild"
	// nothing to change
}

// A plan is JSON for programs.
func ExamplePlan() {
	ctx := context.Background()
	members, end := exampleMembers(ctx,
		dynamapper.WithSpec(dynamapper.Spec{OtherIndexes: []string{"by-guild"}}))
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	text, err := json.MarshalIndent(plan.Changes[0].What, "", "  ")
	check(err)
	fmt.Println(len(plan.Changes), string(text))
	// Output: 1 "add the index \"by-email\": hash \"email\" (S)"
}

// Empty reports whether the tables are as the models say.
func ExamplePlan_Empty() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	fmt.Println(plan.Empty())
	// Output: false
}

// The text of a plan says why each change is needed, and what it costs.
func ExamplePlan_String() {
	ctx := context.Background()
	members, end := exampleMembers(ctx, dynamapper.WithSpec(dynamapper.Spec{
		OtherIndexes: []string{"by-email", "by-guild"}, DeletionProtection: dynamapper.On}))
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	fmt.Println(plan.Changes[0].What)
	fmt.Println(plan.Changes[0].Why)
	// Output:
	// switch deletion protection on
	// the Spec of the table says so
}

// A TableChange is one difference between a live table and its model or Spec.
func ExampleTableChange() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	for _, change := range plan.Changes {
		fmt.Println(change.What)
		fmt.Println("  why:", change.Why)
	}
	// Output:
	// add the index "by-email": hash "email" (S)
	//   why: the model dynamapper_test.Member: field Email
	// drop the index "by-guild"
	//   why: no model of the table has it; name it in Spec.OtherIndexes if another program uses it
}

// A change as text has a line for what it does, why, and its effect.
func ExampleTableChange_String() {
	fmt.Print(dynamapper.TableChange{Table: "members", What: "switch deletion protection on",
		Why: "the Spec of the table says so"})
	// Output:
	//   members: switch deletion protection on
	//     why: the Spec of the table says so
}

// A Spec says how a table is to be, apart from its keys and indexes.
func ExampleWithSpec() {
	ctx := context.Background()
	members, end := exampleMembers(ctx, dynamapper.WithSpec(dynamapper.Spec{
		Billing:      types.BillingModeProvisioned,
		Units:        dynamapper.Units{Read: 20, Write: 5},
		Recovery:     dynamapper.On,
		Stream:       dynamapper.StreamOff,
		Key:          dynamapper.OwnedKey,
		Tags:         map[string]string{"team": "guilds"},
		OtherIndexes: []string{"by-guild"},
	}))
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	for _, change := range plan.Changes {
		fmt.Println(change.What)
	}
	// Output:
	// switch to provisioned capacity of 20 read and 5 write units
	// switch on point-in-time recovery
	// set the tags team=guilds
	// add the index "by-email": hash "email" (S)
}

// Members of a Spec that are left out leave the table as it is.
func ExampleSpec() {
	ctx := context.Background()
	members, end := exampleMembers(ctx, dynamapper.WithSpec(dynamapper.Spec{
		DeletionProtection: dynamapper.Off, OtherIndexes: []string{"by-guild"}}))
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	fmt.Println(len(plan.Changes), "change:", plan.Changes[0].Kind)
	// Output: 1 change: add-index
}

// Units are a part of a Spec.
func ExampleUnits() {
	spec := dynamapper.Spec{OnDemandMaximum: dynamapper.Units{Read: 1000, Write: -1}}
	fmt.Println(spec.OnDemandMaximum.Read)
	// Output: 1000
}

// Units are shown as text in a plan.
func ExampleUnits_String() {
	fmt.Println(dynamapper.Units{Read: 20, Write: 5})
	// Output: 20 read and 5 write units
}

// A Switch is On, Off, or left as it is.
func ExampleSwitch() {
	var unset dynamapper.Switch
	fmt.Printf("%q %q %q\n", unset, dynamapper.On, dynamapper.Off)
	// Output: "" "on" "off"
}

// An index is dropped only with AllowDestroy.
func ExampleAllowDestroy() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	check(plan.Apply(ctx, dynamapper.AllowDestroy()))
	fmt.Println(members.Verify(ctx))
	// Output: <nil>
}

// Options of Apply can be chosen at run time.
func ExampleApplyOption() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	var opts []dynamapper.ApplyOption
	if destroy := true; destroy {
		opts = append(opts, dynamapper.AllowDestroy())
	}
	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	fmt.Println(plan.Apply(ctx, opts...))
	// Output: <nil>
}

// A PlanError lists the changes that Apply has left out.
func ExamplePlanError() {
	ctx := context.Background()
	members, end := exampleMembers(ctx)
	defer end()

	plan, err := dynamapper.PlanTables(ctx, members)
	check(err)
	var left *dynamapper.PlanError
	if err := plan.Apply(ctx); errors.As(err, &left) {
		for _, change := range left.Left {
			fmt.Println(change.What)
		}
	}
	// Output: drop the index "by-guild"
}
