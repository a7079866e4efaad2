package demo

import (
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// momentOf reads the column or field at.
func momentOf(at string, zone *time.Location) (time.Time, error) {
	t, ok := domain.ParseMoment(at, zone)
	if !ok {
		return t, fmt.Errorf("at: «%s» — не время: нужен вид 23.11.2026 09:00, 2026-11-23 или 2026-11-23T09:00:00+10:00", at)
	}
	return t, nil
}
