// Package page is the kit every page of the desk uses: routes with their
// action, requests that know their person and scope, layout, templates, assets,
// error pages, and the Russian words for dates, deadlines and numbers.
package page
