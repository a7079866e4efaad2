package inbox

import (
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// lostView is a copy that did not reach its author.
type lostView struct {
	ID       int64
	Words    string
	Tries    []string
	Again    bool // it can be sent once more
	Corrects bool
}

// lostShown is how many of them stand on the page at once.
const lostShown = 20

// lost finds the copies that wait for a person's choice.
func lost(r *page.Request, f domain.TaskFile) (shown []lostView, more int) {
	for _, a := range f.Replies {
		for _, d := range a.Deliveries {
			switch {
			case !d.Lost():
			case len(shown) == lostShown:
				more++
			default:
				lines := casework.DeliveryLines(r, d)
				shown = append(shown, lostView{ID: d.ID, Words: lines[0], Tries: lines[1:], Again: !d.Silent, Corrects: d.Corrects})
			}
		}
	}
	return shown, more
}
