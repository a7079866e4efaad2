package inbox

import (
	"errors"

	"github.com/otklik/otklik/domain"
)

// faultView is a fault of an answer as its form shows it.
type faultView struct {
	ID, Words string
	Hard      bool
	Sure      bool // confirmed already
}

// faultViews shows faults with those confirmed that the form says are.
func faultViews(faults []domain.ReplyFault, sure []string) []faultView {
	var out []faultView
	for _, f := range faults {
		out = append(out, faultView{ID: f.ID(), Words: f.Words, Hard: f.Hard, Sure: len(domain.Standing([]domain.ReplyFault{f}, sure)) == 0})
	}
	return out
}

// refusedFor gives the faults an answer was refused for.
func refusedFor(err error) []domain.ReplyFault {
	var faults *domain.ReplyFaults
	if errors.As(err, &faults) {
		return faults.Faults
	}
	return nil
}

func faultsWords(faults []domain.ReplyFault) string {
	if len(domain.HardFaults(faults)) > 0 {
		return "В таком виде отправить нельзя. Ниже написано, что в нём поправить."
	}
	return "Проверьте отмеченное ниже и подтвердите, что так можно отправить."
}
