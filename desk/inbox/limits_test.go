package inbox_test

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// The form says what the platform of the case takes, and the check goes by the same.
func TestAnswerMayBeAsLongAsItsPlatformTakes(t *testing.T) {
	o := newOffice(t)
	o.check = reply.Check
	c := o.open("Нет воды в доме 5")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	shown := o.as("exec").Get(taskPath(c))
	if !shown.Has("Не больше 9000 знаков: столько берёт ВКонтакте.") || !shown.Has(`data-most="9000"`) {
		t.Errorf("the limit of VK is not shown")
	}
	long := strings.Repeat("вода ", 1000)
	if a := o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", strings.Repeat("вода ", 1801)); a.Status != 422 || !a.Has("ни одна площадка") {
		t.Errorf("9,005 characters: %d", a.Status)
	}
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", long))
}
