package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/otklik/otklik/rules"
)

// startFaults name what other commands may leave be and a process with these roles
// cannot start with.
func (c *Config) startFaults(roles []string) error {
	return errors.Join(slices.Concat(c.regionFaults(), c.portFaults(roles))...)
}

// regionFaults: every region is a pack, none is named twice, and no two have one
// subject code.
func (c *Config) regionFaults() (faults []error) {
	codes := regionCodes{}
	for i, name := range c.Regions {
		files, err := packFiles(name)
		if err != nil {
			faults = append(faults, fmt.Errorf("OTKLIK_REGIONS: %w", err))
		} else if pack, err := rules.Load(files); err == nil { // what is wrong inside a pack is told where it is loaded
			if words := codes.add(pack); words != "" {
				faults = append(faults, fmt.Errorf("OTKLIK_REGIONS: %s", words))
			}
		}
		if slices.Contains(c.Regions[:i], name) {
			faults = append(faults, fmt.Errorf("OTKLIK_REGIONS: «%s» назван дважды", name))
		}
	}
	return faults
}

// regionCodes are the regions met so far by their subject codes.
type regionCodes map[string]string

// add notes a pack; it answers in words when another region has its code.
func (r regionCodes) add(pack *rules.Pack) string {
	code, region := pack.Region.Code, pack.Region.ID
	if other, taken := r[code]; taken && other != region {
		return codeTakenWords(code, region, other)
	}
	r[code] = region
	return ""
}

// portFaults: two listeners of one process cannot have one port. Port 0 is any.
func (c *Config) portFaults(roles []string) (faults []error) {
	list := []setting{{"OTKLIK_METRICS_LISTEN", c.MetricsListen}}
	if slices.Contains(roles, roleHooks) {
		list = append(list, setting{"OTKLIK_HOOKS_LISTEN", c.HooksListen})
	}
	if slices.Contains(roles, roleDesk) {
		list = append(list, setting{"OTKLIK_DESK_LISTEN", c.DeskListen})
	}
	for i, one := range list {
		for _, other := range list[:i] {
			if sameListener(one.value, other.value) {
				faults = append(faults, fmt.Errorf("%s и %s: оба слушали бы один порт (%s и %s), дайте им разные",
					one.name, other.name, one.value, other.value))
			}
		}
	}
	return faults
}

// sameListener: one port at one address, or at all of them.
func sameListener(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	return everywhere(hostA) || everywhere(hostB) || hostA == hostB || isLoopback(hostA) && isLoopback(hostB) && (hostA == "localhost" || hostB == "localhost")
}

func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// publicFault says why platforms could not push to the public address; nil when
// they can. On this machine itself only stand-ins of the platforms push.
func publicFault(public string) error {
	if public == "" {
		return errors.New("задайте OTKLIK_PUBLIC_URL")
	}
	if u, err := url.Parse(public); err == nil && (u.Scheme == "https" || isLoopback(u.Hostname())) {
		return nil
	}
	return fmt.Errorf("OTKLIK_PUBLIC_URL: «%s» — площадки шлют события только на адрес вида https://сервер", public)
}

// warnings tell what works and is hardly meant.
func (c *Config) warnings() []string {
	list := slices.Clone(c.unknown)
	if c.PublicURL != "" {
		if err := publicFault(c.PublicURL); err != nil {
			list = append(list, err.Error())
		}
	}
	return list
}

// warn prints the warnings of the configuration.
func (p *program) warn() {
	for _, w := range p.cfg.warnings() {
		fmt.Fprintln(p.stderr, "Внимание:", w)
	}
}

// ourPrefix begins the names of our variables, testPrefix those of tests.
const (
	ourPrefix  = "OTKLIK_"
	testPrefix = "OTKLIK_TEST_"
)

// unknownVariables words what looks like a variable of ours and is none.
func unknownVariables(vars map[string]string, t reflect.Type) []string {
	known := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("env")
		if name == "" {
			continue
		}
		known[name] = true
		if f.Tag.Get("secret") != "" {
			known[name+"_FILE"] = true
		}
	}
	var list []string
	for name := range vars {
		if strings.HasPrefix(name, ourPrefix) && !strings.HasPrefix(name, testPrefix) && !known[name] {
			list = append(list, fmt.Sprintf("переменной %s нет, может быть, %s; она ни на что не влияет", name, nearestName(name, known)))
		}
	}
	slices.Sort(list)
	return list
}

// nearestName is the known name with the fewest letters to change.
func nearestName(name string, known map[string]bool) string {
	best, least := "", 1<<30
	for k := range known {
		if d := editDistance(name, k); d < least || d == least && k < best {
			best, least = k, d
		}
	}
	return best
}

// editDistance is how many letters must be put in, left out or changed.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
