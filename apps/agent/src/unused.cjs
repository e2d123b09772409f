// Stands for the modules that rolldown.config.ts leaves out.
module.exports = {};
