package demo

import (
	"fmt"
	"maps"
	"path"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/otklik/otklik/rules"
)

// Zone reads the time zone of a pack, long before the pack is taken into use.
func Zone(files rules.Files, region string) (*time.Location, error) {
	name := path.Join(region, "region.yaml")
	var doc struct {
		Zone string `yaml:"zone"`
	}
	if err := yaml.Unmarshal(files[name], &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	zone, err := time.LoadLocation(doc.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", name, err)
	}
	return zone, nil
}

// AllowTelegram lays an invented decision over a pack's channel policy, marked
// as invented: the real packs have none (41-ФЗ, 152-ФЗ), and the demonstration
// shows what Telegram would look like with one.
func AllowTelegram(files rules.Files, region string) (rules.Files, error) {
	name := path.Join(region, "region.yaml")
	var doc map[string]any
	if err := yaml.Unmarshal(files[name], &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	channels, ok := doc["channels"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s has no channels", name)
	}
	channels["telegram"] = map[string]any{"read": true, "public": true, "dialog": true, "staff": true,
		"decision": "ПОКАЗ-1: вымышленное решение, только для демонстрации", "signer": "вымышленный руководитель"}
	out, err := yaml.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	changed := maps.Clone(files)
	changed[name] = out
	return changed, nil
}
