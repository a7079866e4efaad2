package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// ReadSettings reads a source's settings strictly: a slip in a key must not
// silently mean the default. Its errors are in Russian, for whoever wrote them.
func ReadSettings(raw json.RawMessage, to any) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(to)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			return errors.New("после настроек стоит лишнее")
		}
		return nil
	}
	if unknown, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return fmt.Errorf("настройки «%s» нет, есть: %s", strings.Trim(unknown, `"`), strings.Join(settingNames(to), ", "))
	}
	return JSONFault(err, raw, `{"dialog": true}`)
}

// settingNames are the keys of a settings struct, in their order.
func settingNames(to any) []string {
	t := reflect.TypeOf(to).Elem()
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
