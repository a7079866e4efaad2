package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

// jsonFault says in words for people why a line of JSON is refused.
func jsonFault(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return fmt.Errorf("не JSON: «%w»", err)
	}
	if kind.Field == "" {
		return errors.New("это не объект вида {\"text\":\"…\"}")
	}
	field := strings.TrimPrefix(kind.Field, "Record.")
	wanted := map[string]string{"string": "строка", "int": "целое число", "bool": "true или false"}[kind.Type.String()]
	if wanted == "" {
		wanted = "список"
	}
	return fmt.Errorf("поле %s: нужно «%s», а дано «%s»", field, wanted, kind.Value)
}
