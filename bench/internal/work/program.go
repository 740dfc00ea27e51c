package work

// Program is a program of this module that reads one Player and prints its email.
type Program struct{ Name, Package string }

// Programs returns the programs, dynamapper's first.
func Programs() []Program {
	const folder = "github.com/dynamapper/dynamapper/bench/internal/program/"
	return []Program{
		{Dynamapper, folder + "dynamapper"}, {SDK, folder + "sdk"},
		{AttributeValue, folder + "attributevalue"}, {Guregu, folder + "guregu"},
	}
}

// ServeItem starts a server for the programs, which lives as long as the process. It returns the
// address, and what each program prints.
func ServeItem() (endpoint, printed string, err error) {
	item, err := getItemResponse()
	if err != nil {
		return "", "", err
	}
	return serve(item), newPlayer(0).Email + "\n", nil
}
