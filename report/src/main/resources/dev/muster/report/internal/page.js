'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  // Okabe and Ito: told apart by people who do not see all colours.
  const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6bb1', '#b3a100'];
  const element = (name, attributes, ...children) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const span = seconds => {
    if (seconds < 0.9995) return (seconds * 1000).toFixed(seconds < 0.00995 ? 1 : 0) + ' ms';
    if (seconds < 59.95) return seconds.toFixed(1) + ' s';
    const whole = Math.round(seconds), two = n => String(n).padStart(2, '0');
    const minutes = Math.floor(whole / 60);
    return whole < 3600 ? minutes + ':' + two(whole % 60)
      : Math.floor(whole / 3600) + ':' + two(minutes % 60) + ':' + two(whole % 60);
  };
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = stage => {
    const place = data.load.stages.indexOf(stage);
    return place < 0 ? css('--quiet') : colours[place];
  };
  const shorten = text => text.length > 40 ? text.slice(0, 39) + '…' : text;
  const charts = [];

  const common = () => ({
    animation: false, responsive: true, maintainAspectRatio: false, color: css('--text'),
    borderColor: css('--line'),
  });
  const axis = (more, ticks) => ({
    ...more, grid: {color: css('--line')}, ticks: {color: css('--quiet'), ...ticks},
  });
  const height = (id, rows) => {
    document.getElementById(id).style.height = Math.max(140, rows * (rows > 40 ? 13 : 20) + 80) + 'px';
  };

  function load() {
    const canvas = document.getElementById('load');
    if (!canvas) return;
    const names = [...data.load.stages.map(stage => data.stages[stage].id), 'all others'];
    const datasets = data.load.series.map((values, i) => ({
      label: shorten(names[i]), data: values, backgroundColor: colours[i] || css('--quiet'),
      barPercentage: 1, categoryPercentage: 1,
    })).filter(series => series.data.some(value => value > 0));
    const bins = data.load.series[0].map((_, bin) => bin);
    charts.push(new Chart(canvas, {
      type: 'bar', data: {labels: bins, datasets},
      options: {
        ...common(), interaction: {mode: 'index', intersect: false},
        scales: {
          x: axis({stacked: true}, {callback: bin => span(bin * data.load.step), maxTicksLimit: 10, maxRotation: 0}),
          y: axis({stacked: true, beginAtZero: true, title: {display: true, text: 'tasks', color: css('--quiet')}}),
        },
        plugins: {
          legend: {labels: {color: css('--text')}},
          tooltip: {
            filter: item => item.parsed.y > 0,
            callbacks: {title: items => items.length ? 'from ' + span(items[0].parsed.x * data.load.step) : ''},
          },
        },
      },
    }));
  }

  let timelineChart;
  function timeline(pool) {
    const canvas = document.getElementById('timeline');
    if (!canvas) return;
    const rows = data.timeline.rows, shown = new Map();
    rows.forEach((row, i) => { if (!pool || row[0] === pool) shown.set(i, shown.size); });
    const labels = [...shown.keys()].map(i => shorten(rows[i][1]));
    const places = [...shown.keys()].map((_, place) => place);
    const groups = new Map();
    const bars = data.timeline.bars;
    for (let i = 0; i < bars.length; i += 6) {
      const [row, stage, how, start, end, count] = bars.slice(i, i + 6);
      if (!shown.has(row)) continue;
      const key = how === 2 ? 'failed' : data.load.stages.includes(stage) ? stage : 'others';
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push({x: [start / 1000, end / 1000], y: shown.get(row), stage, how, count});
    }
    const width = 1 / 1000 * data.end; // bars are never too thin to be seen
    for (const group of groups.values()) {
      for (const bar of group) bar.x[1] = Math.max(bar.x[1], bar.x[0] + width);
    }
    const datasets = [...groups].sort((a, b) => (a[0] === 'failed') - (b[0] === 'failed')).map(([key, group]) => ({
      label: key === 'failed' ? 'failed attempts' : key === 'others' ? 'all others' : shorten(data.stages[key].id),
      data: group, grouped: false, barPercentage: 0.9, categoryPercentage: 0.9,
      backgroundColor: key === 'failed' ? css('--failed') : key === 'others' ? css('--quiet') : colour(key),
    }));
    height('timeline-box', labels.length);
    if (timelineChart) timelineChart.destroy();
    timelineChart = new Chart(canvas, {
      type: 'bar', data: {labels: places, datasets},
      options: {
        ...common(), indexAxis: 'y', parsing: true,
        scales: {
          x: axis({type: 'linear', min: 0, max: data.end || undefined}, {callback: span}),
          y: axis({type: 'category', labels: places}, {autoSkip: labels.length > 40, callback: place => labels[place]}),
        },
        plugins: {
          legend: {labels: {color: css('--text')}},
          tooltip: {
            callbacks: {
              title: items => items.length ? rows[[...shown.keys()][items[0].raw.y]].join(' / ') : '',
              label: item => {
                const bar = item.raw;
                return data.stages[bar.stage].id + ': ' + (bar.count > 1 ? bar.count + ' attempts, ' : '')
                  + span(bar.x[0]) + ' to ' + span(bar.x[1])
                  + (bar.how === 2 ? ', failed' : bar.how === 0 ? ', not ended' : '');
              },
            },
          },
        },
      },
    });
    document.getElementById('left').textContent = data.timeline.left > 0
      ? 'And ' + data.timeline.left + ' more; these were the busiest.' : '';
  }

  function spans() {
    const canvas = document.getElementById('spans');
    if (!canvas) return;
    const stages = data.stages.map((stage, i) => ({...stage, i})).filter(stage => stage.spans).slice(0, 60);
    const least = Math.max(1e-6, Math.min(...stages.map(stage => stage.spans[1] || 1)));
    const at = value => Math.max(value, least / 2);
    height('spans-box', stages.length);
    const places = stages.map((_, i) => i);
    charts.push(new Chart(canvas, {
      type: 'bar',
      data: {
        labels: places,
        datasets: [{
          label: 'shortest to longest', grouped: false, barPercentage: 0.15,
          data: stages.map((stage, y) => ({x: [at(stage.spans[0]), at(stage.spans[4])], y})),
          backgroundColor: css('--quiet'),
        }, {
          label: 'the middle half', grouped: false, barPercentage: 0.7, minBarLength: 3,
          data: stages.map((stage, y) => ({x: [at(stage.spans[1]), at(stage.spans[3])], y})),
          backgroundColor: stages.map(stage => colour(stage.i)),
        }, {
          label: 'median', grouped: false, barPercentage: 0.9, minBarLength: 3,
          data: stages.map((stage, y) => ({x: [at(stage.spans[2]), at(stage.spans[2]) * 1.01], y})),
          backgroundColor: css('--text'),
        }].reverse(),
      },
      options: {
        ...common(), indexAxis: 'y',
        scales: {
          x: axis({type: 'logarithmic'}, {callback: value => /^[125]/.test(value.toExponential()) ? span(value) : ''}),
          y: axis({type: 'category', labels: places}, {autoSkip: false, callback: place => shorten(stages[place].id)}),
        },
        plugins: {
          legend: {display: false},
          tooltip: {
            callbacks: {
              title: items => items.length ? stages[items[0].raw.y].id : '',
              label: item => {
                const all = stages[item.raw.y].spans;
                return item.datasetIndex === 0 ? 'median ' + span(all[2])
                  : item.datasetIndex === 1 ? 'half of them ' + span(all[1]) + ' to ' + span(all[3])
                  : 'all ' + span(all[0]) + ' to ' + span(all[4]);
              },
            },
          },
        },
      },
    }));
  }

  function graph() {
    const box = document.getElementById('graph');
    if (!data.graph) return;
    const layout = new dagre.graphlib.Graph()
      .setGraph({rankdir: 'LR', nodesep: 18, ranksep: 46, marginx: 4, marginy: 4})
      .setDefaultEdgeLabel(() => ({}));
    data.stages.forEach((stage, i) => {
      const name = shorten(stage.id);
      layout.setNode(i, {width: Math.max(90, name.length * 7.6 + 24), height: 42, name, stage});
    });
    data.stages.forEach((stage, i) => stage.after.forEach(before => layout.setEdge(before, i)));
    dagre.layout(layout);
    const size = layout.graph(); // without the lines around it
    const heights = layout.edges().flatMap(edge => layout.edge(edge).points.map(point => point.y));
    const top = Math.floor(Math.min(0, ...heights)) - 2, bottom = Math.ceil(Math.max(size.height, ...heights)) + 2;
    const svg = element('svg', {
      width: Math.ceil(size.width), height: bottom - top,
      viewBox: '0 ' + top + ' ' + Math.ceil(size.width) + ' ' + (bottom - top), role: 'img',
      'aria-label': 'The stages and what they wait for',
    }, element('defs', {}, element('marker', {
      id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto',
    }, element('path', {d: 'M0 0L8 4L0 8z'}))));
    layout.edges().forEach(edge => {
      const points = layout.edge(edge).points;
      svg.append(element('path', {
        d: points.map((point, i) => (i ? 'L' : 'M') + point.x.toFixed(1) + ' ' + point.y.toFixed(1)).join(''),
        'marker-end': 'url(#arrow)',
      }));
    });
    layout.nodes().forEach(id => {
      const node = layout.node(id), x = node.x - node.width / 2, y = node.y - node.height / 2;
      svg.append(
        element('rect', {x, y, width: node.width, height: node.height, rx: 6, class: node.stage.state}),
        element('text', {x: node.x, y: node.y - 2, 'text-anchor': 'middle'}, node.name),
        element('text', {x: node.x, y: node.y + 14, 'text-anchor': 'middle', class: 'quiet'},
          node.stage.tasks + (node.stage.tasks === 1 ? ' task, ' : ' tasks, ') + node.stage.state));
    });
    box.append(svg);
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    const key = (row, i) => row.cells[i].dataset.order === undefined
      ? row.cells[i].textContent : Number(row.cells[i].dataset.order);
    heads.forEach((head, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') !== 'descending';
        heads.forEach(each => each.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const rows = [...body.rows].map(row => [key(row, i), row]);
        const numbers = typeof (rows[0] || [0])[0] === 'number';
        const order = (a, b) => numbers ? a[0] - b[0] : a[0].localeCompare(b[0]);
        rows.sort((a, b) => down ? order(b, a) : order(a, b));
        body.append(...rows.map(row => row[1]));
      });
    });
  }

  const select = document.getElementById('pool');
  if (select) {
    const pools = [...new Set(data.timeline.rows.map(row => row[0]))];
    select.append(new Option('all', ''), ...pools.map(pool => new Option(pool, pool)));
    select.addEventListener('change', () => timeline(select.value));
  }
  function draw() {
    charts.splice(0).forEach(chart => chart.destroy());
    load();
    timeline(select ? select.value : '');
    spans();
  }
  graph();
  document.querySelectorAll('table.sorted').forEach(sortable);
  draw();
  dark.addEventListener('change', draw);
  document.documentElement.dataset.drawn = 'yes'; // for who waits for the charts
})();
