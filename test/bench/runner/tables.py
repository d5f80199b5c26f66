"""Results as tables, for people and for docs/performance.md."""


def grid(head, rows, markdown):
    """Text columns, or a markdown table."""
    cells = [head, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(head))]
    if markdown:
        lines = ["| " + " | ".join(map(str, row)) + " |" for row in cells]
        return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
    return "\n".join("  ".join(f"{cell!s:{'<' if i == 0 else '>'}{widths[i]}}"
                               for i, cell in enumerate(row)).rstrip() for row in cells)


def amount(value):
    """A number with as many digits as mean something."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def verdict(check):
    sign = "≥" if check["at_least"] else "≤"
    return (f"{check['name']} {check['ratio']:.2f}× ({sign} {check['bound']:.2f}) "
            f"{'holds' if check['holds'] else 'FAILS'}")


def paired_table(results, markdown=False):
    """One row per workload and server."""
    rows = []
    for result in results:
        for kind, of in result["medians"].items():
            rows.append((result["workload"], kind, amount(of["per_second"]), amount(of["p50_us"]),
                         amount(of["p99_us"]), amount(of["p99_9_us"]), f"{of['cpu_us']:.2f}",
                         f"{of['load_cpu_us']:.2f}", amount(of["resident_mb"])))
    return grid(("workload", "server", "per second", "p50 µs", "p99 µs", "p99.9 µs",
                 "server CPU µs/op", "load CPU µs/op", "RSS MB"), rows, markdown)


def ratio_table(results, markdown=False):
    """One row per workload: Troupe's figures as multiples of ZooKeeper's."""
    rows = []
    for result in results:
        if "ratios" not in result:
            continue
        ratio = result["ratios"]
        bounds = {check["name"]: check for check in result["checks"]}
        rows.append((result["workload"], *(
            cell(ratio[name], bounds.get(title)) for name, title in
            (("per_second", "throughput"), ("p99_us", "p99"), ("cpu_us", "CPU per operation"))),
            memory_cell(ratio["resident_mb"], bounds.get("resident memory"))))
    return grid(("workload", "throughput", "p99", "server CPU per op", "RSS"), rows, markdown)


def cell(value, check):
    if value is None:
        return "-"
    if check is None:
        return f"{value:.2f}×"
    sign = "≥" if check["at_least"] else "≤"
    return f"{value:.2f}× ({sign} {check['bound']:.2f} {'ok' if check['holds'] else 'FAILS'})"


def memory_cell(ratio, check):
    """The ratio; where there is a bound, that is one for the megabytes."""
    if check is None:
        return f"{ratio:.2f}×"
    return (f"{ratio:.2f}× ({check['ratio']:.0f} MB ≤ {check['bound']:.0f} "
            f"{'ok' if check['holds'] else 'FAILS'})")


def single_table(results, markdown=False):
    """One row per figure of the workloads that have no rounds beside ZooKeeper."""
    rows = [(result["workload"], figure["name"], amount(figure["value"]), figure["unit"],
             "" if figure.get("bound") is None else
             f"≤ {amount(figure['bound'])} {'ok' if figure['holds'] else 'FAILS'}")
            for result in results for figure in result["figures"]]
    return grid(("workload", "figure", "value", "unit", "must hold"), rows, markdown)
