// Draws the charts where there is room for them. Without this file the page says the same.
(() => {
  "use strict";
  const plotly = document.currentScript.dataset.plotly;
  const roomy = window.matchMedia("(min-width: 768px)"); // phones keep the drawing: 1.5 MB saved
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details.numbers:not([open])")];
    unfolded.forEach((details) => { details.open = true; });
  });
  window.addEventListener("afterprint", () => {
    unfolded.forEach((details) => { details.open = false; });
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.about[open]").forEach((details) => {
      if (!details.contains(event.target)) details.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.about[open]").forEach((details) => {
      details.open = false;
      details.firstElementChild.focus();
    });
  });

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function runs(data) {
    const found = [];
    data.values.forEach((_, i) => {
      if (data.lows[i] === null || data.highs[i] === null) return;
      const last = found[found.length - 1];
      if (last && last[last.length - 1] === i - 1) last.push(i);
      else found.push([i]);
    });
    return found;
  }

  function traces(data) {
    const bands = runs(data).map((run) => ({
      x: [...run, ...[...run].reverse()],
      y: [...run.map((i) => data.highs[i]), ...[...run].reverse().map((i) => data.lows[i])],
      fill: "toself", fillcolor: colour("--band"), line: { width: 0 }, mode: "lines",
      hoverinfo: "skip", type: "scatter",
    }));
    return [...bands, {
      x: data.values.map((_, i) => i), y: data.values, text: data.hover, type: "scatter",
      mode: "lines+markers", hovertemplate: "%{text}<extra></extra>", connectgaps: false,
      line: { color: colour("--accent"), width: 2 },
      marker: {
        size: 8, line: { width: 2, color: colour("--accent") },
        color: data.running.map((open) => colour(open ? "--paper" : "--accent")),
      },
    }];
  }

  function shapes(data) {
    const rule = { type: "line", line: { color: colour("--muted"), width: 1, dash: "dot" } };
    const breaks = data.breaks.map((x) => ({ ...rule, x0: x, x1: x, yref: "paper", y0: 0, y1: 1 }));
    if (data.target === null) return breaks;
    const goal = { color: colour("--ink"), width: 1, dash: "dash" };
    const target = { type: "line", xref: "paper", x0: 0, x1: 1, y0: data.target, y1: data.target, line: goal };
    return [...breaks, target];
  }

  function layout(data, box) {
    const every = Math.ceil(data.labels.length / Math.max(2, Math.floor(box.clientWidth / 88)));
    const shown = data.labels.map((_, i) => i).filter((i) => (data.labels.length - 1 - i) % every === 0);
    const axis = {
      gridcolor: colour("--line"), zeroline: false, fixedrange: true,
      tickfont: { color: colour("--muted"), size: 12 },
    };
    return {
      margin: { l: 8, r: 16, t: 8, b: 8 }, height: 240, showlegend: false, dragmode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
      font: { family: getComputedStyle(document.body).fontFamily },
      xaxis: {
        ...axis, automargin: true, showgrid: false, tickvals: shown,
        ticktext: shown.map((i) => data.labels[i]), range: [-0.4, data.labels.length - 0.6],
      },
      yaxis: { ...axis, automargin: true, ticksuffix: data.suffix, nticks: 5 },
      hoverlabel: {
        bgcolor: colour("--paper"), bordercolor: colour("--line"), font: { color: colour("--ink") },
      },
      shapes: shapes(data),
    };
  }

  function draw() {
    document.querySelectorAll(".trend").forEach((trend) => {
      const source = trend.querySelector('script[type="application/json"]');
      if (!source || !roomy.matches) return;
      const data = JSON.parse(source.textContent);
      trend.classList.add("drawn");
      const box = trend.querySelector(".plot");
      window.Plotly.react(box, traces(data), layout(data, box), { displayModeBar: false, responsive: true });
    });
    document.documentElement.dataset.charts = "drawn";
  }

  function load() {
    if (!roomy.matches || !document.querySelector(".trend script")) return;
    if (window.Plotly) { draw(); return; }
    const script = document.createElement("script");
    script.src = plotly;
    script.addEventListener("load", draw);
    document.head.append(script);
  }

  roomy.addEventListener("change", load);
  dark.addEventListener("change", () => { if (window.Plotly) draw(); });
  load();
})();
